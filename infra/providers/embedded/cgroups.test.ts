import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import type { CgroupTree } from './cgroup-tree.ts';
import { clusterGroup, MachineCgroup, processesOf, removeClusterCgroups } from './cgroups.ts';

const directory = join(temporaryDirectory('clusters'), 'alpha');

/** A tree of plain files in place of the kernel's. */
function treeOf(version: 1 | 2): CgroupTree {
  const root = temporaryDirectory('cgroup');
  if (version === 2) {
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids\n');
    writeFileSync(join(root, 'cgroup.subtree_control'), '');
  } else
    for (const name of ['cpu', 'memory']) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, 'cgroup.procs'), '');
    }
  return { root, version, ours: 'ours', required: ['cpu', 'memory', 'pids'] };
}

test('a cluster has one group, by whichever way its folder is named', () => {
  const tree = treeOf(1);
  const link = join(temporaryDirectory('link'), 'clusters');
  symlinkSync(join(directory, '..'), link);
  assert.equal(clusterGroup(join(link, 'alpha'), tree), clusterGroup(directory, tree));
  assert.notEqual(
    clusterGroup(join(temporaryDirectory('other'), 'alpha'), tree),
    clusterGroup(directory, tree),
  );
});

test('a machine has its share of the processor, and its programs a group of their own under version 2', () => {
  const [old, unified] = [treeOf(1), treeOf(2)];
  const group = join(clusterGroup(directory, old), 'node-1');
  const procs = (tree: CgroupTree) => new MachineCgroup(directory, 'node-1', 8, tree).create();
  assert.deepEqual(
    procs(old),
    ['cpu', 'memory'].map((name) => join(old.root, name, group, 'cgroup.procs')),
  );
  assert.equal(readFileSync(join(old.root, 'cpu', group, 'cpu.shares'), 'utf8'), '8192');
  assert.deepEqual(procs(unified), [join(unified.root, group, 'machine', 'cgroup.procs')]);
  assert.equal(readFileSync(join(unified.root, group, 'cpu.weight'), 'utf8'), '800');
});

test('a machine is frozen when the kernel says so; one that is gone can be thawed and not frozen', async () => {
  const tree = treeOf(2);
  const machine = new MachineCgroup(directory, 'node-1', 1, tree);
  await machine.thaw();
  await assert.rejects(machine.freeze(), { code: 'ENOENT' });
  machine.create();
  const events = join(tree.root, clusterGroup(directory, tree), 'node-1', 'cgroup.events');
  writeFileSync(events, 'populated 1\nfrozen 0\n');
  let isTold = false;
  const freezing = machine.freeze().then(() => (isTold = true));
  await setImmediate();
  assert.deepEqual([isTold, machine.isFrozen()], [false, false]);
  writeFileSync(events, 'populated 1\nfrozen 1\n');
  await freezing;
});

test('a process that is in several hierarchies is one', () => {
  const tree = treeOf(1);
  for (const procs of new MachineCgroup(directory, 'node-1', 1, tree).create()) writeFileSync(procs, '7\n');
  for (const name of ['cpu', 'memory'])
    writeFileSync(join(tree.root, name, clusterGroup(directory, tree), 'cgroup.procs'), '');
  assert.deepEqual(processesOf(directory, tree), [7]);
});

test('the end of one cluster leaves the groups of another, and the last one takes their parent away', async () => {
  const tree = treeOf(1);
  const other = join(directory, '..', 'beta');
  const groups = [directory, other].map((one) => clusterGroup(one, tree));
  const parent = join(tree.root, 'cpu', 'ours');
  for (const group of groups) mkdirSync(join(tree.root, 'cpu', group, 'node-1'), { recursive: true });
  // A note of our own is no cluster.
  mkdirSync(join(parent, '.note'));
  await removeClusterCgroups(directory, tree);
  assert.deepEqual(
    readdirSync(parent).map((name) => name.split('.').at(0)),
    ['', 'beta'],
  );
  assert.equal(readdirSync(join(tree.root, 'cpu', groups[1] ?? '')).length, 1);
  await removeClusterCgroups(other, tree);
  assert.deepEqual(readdirSync(join(tree.root, 'cpu')), ['cgroup.procs']);
});
