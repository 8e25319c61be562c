import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf, parse } from './imports.ts';

/** What one line imports, in short. */
function imported(line: string): string {
  const [one, ...others] = importsOf(parse('/p/deep/a.ts', line));
  assert.ok(one !== undefined && others.length === 0, line);
  const { specifier, target = 'a package', isType, names, passesOn } = one;
  assert.equal(passesOn, /^export( type)? \* from/.test(line));
  assert.equal(target.startsWith('/'), specifier.startsWith('.'));
  return `${isType ? 'type ' : ''}${names.join(' ')} of ${target.startsWith('/') ? target : specifier}`;
}

test('statements, re-exports and expressions are imports, and types are told from values', () => {
  assert.equal(imported("import { one,\n  two as three } from '../b.ts';"), 'one two of /p/b.ts');
  assert.equal(imported("import whole, { part } from 'yaml';"), 'default part of yaml');
  assert.equal(imported("import whole from 'yaml';"), 'default of yaml');
  assert.equal(imported("import './start.ts';"), ' of /p/deep/start.ts');
  assert.equal(imported("import type { C } from './c.ts';"), 'type C of /p/deep/c.ts');
  assert.equal(imported("export * from './b.ts';"), '* of /p/deep/b.ts');
  assert.equal(imported("export { a } from './b.ts';"), 'a of /p/deep/b.ts');
  assert.equal(imported("export type { C } from './c.ts';"), 'type C of /p/deep/c.ts');
  assert.equal(imported("const { a } = await import('./b.ts');"), '* of /p/deep/b.ts');
  for (const line of [
    "import('./b.ts').then(run);",
    "const load = () => import('./b.ts');",
    "await import(\n  './b.ts'\n);",
    'await import(`./b.ts`);',
    "export * as b from './b.ts';",
    'if (a) void import ( "./b.ts" )',
  ])
    assert.equal(imported(line), '* of /p/deep/b.ts');
  assert.equal(imported("import a, * as b from './b.ts';"), 'default * of /p/deep/b.ts');
  assert.equal(imported("type A = typeof import('./b.ts').one.two;"), 'type one of /p/deep/b.ts');
  assert.deepEqual(
    importsOf(parse('/a.ts', "const text = `\nimport { b } from './b.ts';\n`; // import('./c.ts')")),
    [],
  );
  assert.equal(imported("type A = import('./b.ts').One;"), 'type One of /p/deep/b.ts');
});
