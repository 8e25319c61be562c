import assert from 'node:assert/strict';
import fs, { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
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
    for (const wanted of ['cpu', 'cpuset', 'hugetlb', 'memory', 'pids'])
      assert.throws(() => switchOn(refuses, ['rdma', wanted]), {
        code: 'cgroup.controller-refused',
        message: new RegExp(`the controller ${wanted}$`),
      });
  });

  it('need no room where the only process of an inner root is one that nobody here sees', () => {
    writeFileSync(path(), '');
    writeFileSync(join(root, 'cgroup.type'), 'domain\n');
    writeFileSync(join(root, 'cgroup.procs'), '0\n');
    mkdirSync(join(root, 'ours'));
    // Whoever were moved would come here, and fail.
    writeFileSync(join(root, 'ours', '.moved-from-root'), '');
    enableControllers(tree);
  });

  it('that somebody else holds keep from the root what had to leave it, and our group stays', () => {
    writeFileSync(path(), 'cpu\n');
    const moved = join(root, 'ours', '.moved-from-root');
    mkdirSync(moved, { recursive: true });
    writeFileSync(join(moved, 'cgroup.procs'), '12\n');
    // Whoever were moved would fail.
    mkdirSync(join(root, 'cgroup.procs'));
    assert.equal(restoreControllers(tree), false);
  });

  it('are left to who has begun to use them, and a process that has ended since is passed over', (t) => {
    writeFileSync(path(), '');
    writeFileSync(join(root, 'cgroup.type'), 'domain\n');
    const procs = join(root, 'cgroup.procs');
    writeFileSync(procs, '12\n');
    const write = fs.writeFileSync;
    const refusing = (code: string) => (file: string, text: string) => {
      if (text === '12') write(procs, '');
      if (text === '12' || text.startsWith('-')) throw Object.assign(new Error(code), { code });
      write(file, text);
    };
    const mock = t.mock.method(fs, 'writeFileSync', refusing('ESRCH'));
    syncBuiltinESMExports();
    try {
      enableControllers(tree);
      assert.equal(fs.readFileSync(procs, 'utf8'), '');
      mock.mock.mockImplementation(refusing('EBUSY'));
      assert.equal(restoreControllers(tree), true);
      mock.mock.mockImplementation(refusing('EACCES'));
      assert.throws(() => restoreControllers(tree), { code: 'EACCES' });
    } finally {
      mock.mock.restore();
      syncBuiltinESMExports();
    }
  });
});
