import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf } from './imports.ts';

/** What one line imports, in short. */
function imported(line: string): string {
  const [one, ...others] = importsOf('/p/deep/a.ts', line);
  assert.ok(one !== undefined && others.length === 0, line);
  const { specifier, target = 'a package', isType, names } = one;
  assert.equal(target.startsWith('/'), specifier.startsWith('.'));
  return `${isType ? 'type ' : ''}${names.join(' ')} of ${target.startsWith('/') ? target : specifier}`;
}

test('statements, re-exports and expressions are imports, and types are told from values', () => {
  assert.equal(imported("import { one,\n  two as three } from '../b.ts';"), 'one two of /p/b.ts');
  assert.equal(imported("import whole, { part } from 'yaml';"), 'whole part of yaml');
  assert.equal(imported("import whole from 'yaml';"), 'whole of yaml');
  assert.equal(imported("import './start.ts';"), ' of /p/deep/start.ts');
  assert.equal(imported("import type { C } from './c.ts';"), 'type C of /p/deep/c.ts');
  assert.equal(imported("export * from './b.ts';"), '* of /p/deep/b.ts');
  assert.equal(imported("export { a } from './b.ts';"), 'a of /p/deep/b.ts');
  assert.equal(imported("export type { C } from './c.ts';"), 'type C of /p/deep/c.ts');
  assert.equal(imported("const { a } = await import('./b.ts');"), '* of /p/deep/b.ts');
  assert.equal(imported("type A = import('./b.ts').One;"), 'type One of /p/deep/b.ts');
});
