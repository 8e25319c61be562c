import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import type { CgroupTree } from './cgroup-tree.ts';
import { enableControllers, isNote, restoreControllers, switchOn } from './root-controllers.ts';

/** Plain files keep the last thing that was written, which is enough to see what the kernel would have been told. */
describe('the controllers at the root of a version 2 hierarchy', () => {
  let root: string;
  let tree: CgroupTree;
  const path = () => join(root, 'cgroup.subtree_control');
  const told = () => readFileSync(path(), 'utf8');
  beforeEach(() => {
    root = temporaryDirectory('cgroup');
    tree = { root, version: 2, ours: 'ours', required: ['cpu', 'memory', 'pids'] };
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids\n');
  });

  it('are switched on, and those that were off are switched off again', () => {
    writeFileSync(path(), 'cpu pids\n');
    assert.deepEqual(enableControllers(tree), ['cpu', 'memory', 'pids']);
    assert.equal(told(), '+pids');
    assert.deepEqual(readdirSync(join(root, 'ours')).map(isNote), [true]);
    restoreControllers(tree);
    assert.equal(told(), '-memory');
    assert.equal(readFileSync(join(root, 'ours', 'cgroup.subtree_control'), 'utf8'), '-memory');
  });

  it('are left as they are where all were on', () => {
    writeFileSync(path(), 'cpu memory pids\n');
    enableControllers(tree);
    mkdirSync(join(root, 'ours', 'cluster'), { recursive: true });
    assert.deepEqual(readdirSync(join(root, 'ours')).filter(isNote), []);
    writeFileSync(path(), 'untouched');
    restoreControllers(tree);
    assert.equal(told(), 'untouched');
    restoreControllers({ ...tree, ours: 'not-there' });
  });

  it('that a kubelet needs and that are not there are named before anything is made', () => {
    writeFileSync(join(root, 'cgroup.controllers'), 'hugetlb memory\n');
    writeFileSync(path(), '');
    assert.throws(() => enableControllers(tree), {
      code: 'cgroup.controllers-missing',
      message: /cpu, pids$/,
    });
    assert.equal(existsSync(join(root, 'ours')), false);
  });

  it('are switched on one by one: a refused one is an error only where a kubelet wants it', () => {
    const refuses = temporaryDirectory('refuses');
    mkdirSync(join(refuses, 'cgroup.subtree_control'));
    assert.deepEqual(switchOn(refuses, ['rdma', 'misc']), []);
    assert.throws(() => switchOn(refuses, ['rdma', 'cpu']), {
      code: 'cgroup.controller-refused',
      message: /the controller cpu$/,
    });
  });
});
