import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { allHierarchies, hierarchies, pidsBelow, removeTree } from './cgroup-tree.ts';

/** A group in which these processes are; plain files stand for those of the kernel. */
function group(path: string, pids: readonly number[] = []): string {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'cgroup.procs'), pids.map((pid) => `${pid}\n`).join(''));
  return path;
}

test('a node is put into the hierarchies that it needs, and looked for in all that there are', () => {
  const root = temporaryDirectory('cgroup');
  const tree = { root, version: 1, ours: 'ours', required: [] } as const;
  for (const name of ['cpu', 'freezer', 'memory', 'perf_event']) group(join(root, name));
  mkdirSync(join(root, 'no-hierarchy'));
  const named = (...names: readonly string[]) => names.map((name) => join(root, name));
  assert.deepEqual(hierarchies(tree), named('cpu', 'memory', 'freezer'));
  assert.deepEqual(allHierarchies(tree).toSorted(), named('cpu', 'freezer', 'memory', 'perf_event'));
});

test('the processes of a group are its own and those of all groups below it', () => {
  const root = group(join(temporaryDirectory('cgroup'), 'node'), [1, 2]);
  group(join(root, 'pods'));
  group(join(root, 'pods', 'web'), [3]);
  assert.deepEqual(pidsBelow(root), [1, 2, 3]);
  assert.deepEqual(pidsBelow(join(root, 'none')), []);
});

test('a group is removed with all below it, also where somebody else is faster', async () => {
  const folder = temporaryDirectory('cgroup');
  const node = join(folder, 'node');
  mkdirSync(join(node, 'pods', 'web'), { recursive: true });
  await removeTree(node);
  assert.equal(existsSync(node), false);
  await removeTree(node);
  mkdirSync(join(node, 'pods'), { recursive: true });
  const removing = removeTree(node);
  rmdirSync(node);
  await removing;
});

test('what keeps a group for a reason that does not pass is told at once', { timeout: 4_000 }, async () => {
  const node = group(join(temporaryDirectory('cgroup'), 'node'));
  await assert.rejects(removeTree(node), {
    code: 'cgroup.not-removed',
    message: `${node} could not be removed`,
  });
});
