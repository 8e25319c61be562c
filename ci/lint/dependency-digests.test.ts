import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dependencyDigests } from './dependency-digests.ts';

const SOURCES = {
  '/p/clock.ts': 'export const now = (): number => 1;',
  '/p/wait.ts': "import type { now } from './clock.ts';",
  '/p/deep/use.ts': "export * from '../wait.ts';",
  '/p/alone.ts': "import { once } from 'node:events';",
  '/p/a.ts': "import { b } from './b.ts';",
  '/p/b.ts': "import { a } from './a.ts';",
};

/** The files whose digest is another one after the change. */
function changedBy(change: Partial<typeof SOURCES>, others: readonly string[] = ['settings']): string[] {
  const before = dependencyDigests(new Map(Object.entries(SOURCES)), ['settings']);
  const after = dependencyDigests(new Map(Object.entries({ ...SOURCES, ...change })), others);
  return [...after].filter(([path, digest]) => before.get(path) !== digest).map(([path]) => path);
}

test('a file has changed when anything has that it reaches, also by types and through others', () => {
  assert.deepEqual(changedBy({ '/p/clock.ts': 'export const now = async () => 1;' }), [
    '/p/clock.ts',
    '/p/wait.ts',
    '/p/deep/use.ts',
  ]);
  assert.deepEqual(changedBy({ '/p/alone.ts': '' }), ['/p/alone.ts']);
});

test('files that import one another change together', () => {
  assert.deepEqual(changedBy({ '/p/b.ts': "import { a } from './a.ts'; // more" }), ['/p/a.ts', '/p/b.ts']);
});

test('nothing has changed when nothing has, and everything with the settings', () => {
  assert.deepEqual(changedBy({}), []);
  assert.deepEqual(changedBy({}, ['other settings']), Object.keys(SOURCES));
});
