import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { it } from 'node:test';
import { parse, readSources } from './imports.ts';
import { unusedCode } from './unused-code.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCES = readSources();

const parsed = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, text]) => parse(path, text));

it('finds files without an importer and exports without a reader, and takes no test for a user', () => {
  const files: Record<string, string> = {
    '/main.ts':
      "import { used } from './a.ts';\nimport './forms.ts';\nspawn(sourceFile('child'), new URL('./agent.ts', import.meta.url));",
    '/a.ts':
      'export const used = part();\nexport function part() {}\nexport type Lonely = 1;\nexport const tested = 2;',
    '/a.test.ts': "import { part, tested } from './a.ts';\nimport './dead.ts';",
    '/child.ts': "const all: typeof import('./b.ts').one = 1;",
    '/agent.ts': 'run();',
    '/b.ts': 'export const one = 1;\nexport const two = 2;',
    '/dead.ts': 'export const dead = 1;',
    '/folder/main.ts': 'run();',
    '/other/agent.ts': 'run();',
    '/forms.ts':
      'const x = 1;\nexport { x };\nexport default x;\nexport { a as b } from "./c.ts";\n' +
      'export const { y, z: [w] } = all;\nlet i;\nexport let j, k;',
    '/c.ts': 'export const a = 1;',
  };
  assert.deepEqual(
    unusedCode(parsed(files), new Map([['/start.mjs', "const ENTRY = { test: 'main.ts' };"]])),
    [
      '/a.ts: no other file names Lonely',
      '/a.ts: only tests name tested',
      '/b.ts: no other file names two',
      '/dead.ts: nobody imports or starts it',
      '/folder/main.ts: nobody imports or starts it',
      '/other/agent.ts: nobody imports or starts it',
      ...['x', 'default', 'b', 'y', 'w', 'j', 'k'].map((name) => `/forms.ts: no other file names ${name}`),
    ],
  );
});

it('follows what a file passes on to who names it, and takes passing on for no use but where the public is let in', () => {
  const files: Record<string, string> = {
    '/start.spec.ts': "import { used } from './outer.ts';\nimport './harness/index.ts';",
    '/outer.ts': "export * from './inner.ts';",
    '/inner.ts': "export * from './parts.ts';\nexport type * from './types.ts';",
    '/parts.ts': 'export const used = 1;\nexport const unread = used + 1;\nexport default used;',
    '/types.ts': 'export type Unread = 1;',
    '/harness/index.ts': "export * from './open.ts';",
    '/harness/open.ts': 'export const open = 1;',
  };
  assert.deepEqual(unusedCode(parsed(files), new Map()), [
    '/parts.ts: no other file names unread',
    '/parts.ts: no other file names default',
    '/types.ts: no other file names Unread',
  ]);
});

it('finds nothing unused in this project', () => {
  // What starts a file of ours and is none: the command line, npm, and the people who read how the healer's audit is verified.
  const starters = [
    'ci/bootstrap.mjs',
    'ci/lab/guest-init.sh',
    'package.json',
    'healers/README.md',
    'eslint.config.js',
  ];
  const texts = starters
    .map((name) => join(ROOT, name))
    .map((path) => [path, readFileSync(path, 'utf8')] as const);
  const problems = unusedCode(SOURCES, new Map(texts));
  assert.deepEqual(
    problems.map((problem) => relative(ROOT, problem)),
    [],
  );
});
