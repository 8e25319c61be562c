import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { kernelText } from '../../../harness/core/kernel-text.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { execute } from '../../process/run.ts';
import { CGROUP_MOUNT, cgroupTree, removeTree, type CgroupTree } from './cgroup-tree.ts';
import { cgroupsOf, MachineCgroup, removeClusterCgroups } from './cgroups.ts';
import type { InnerRootLook } from './testing/inner-root-main.ts';

/** The version 2 hierarchy of this machine: the only one, or the one beside version 1, which has other controllers or none. */
const root = [CGROUP_MOUNT, join(CGROUP_MOUNT, 'unified')].find((path) =>
  existsSync(join(path, 'cgroup.controllers')),
);

describe('cgroup version 2', { skip: root === undefined && 'no version 2 hierarchy is mounted' }, () => {
  if (root === undefined) return;
  const words = (...path: string[]): string[] =>
    readFileSync(join(...path), 'utf8')
      .trim()
      .split(/\s+/)
      .filter(Boolean);
  const controllers = words(root, 'cgroup.controllers');
  const usual = cgroupTree(root);
  /** A parent that no cluster of this machine has, with the demands that its hierarchy can meet. */
  const tree: CgroupTree = {
    ...usual,
    ours: `firedrill-test-${process.pid}`,
    required: usual.required.filter((controller) => controllers.includes(controller)),
  };
  const directory = join(temporaryDirectory('cgroups'), 'cluster');
  const onAtRoot = (): string[] => words(root, 'cgroup.subtree_control').toSorted();
  const before = onAtRoot();
  const container = join(root, tree.ours, 'container');
  after(async () => {
    await removeTree(container);
    await removeClusterCgroups(directory, tree);
  });

  it('tells nothing of a group that went between the opening of its file and the reading: Linux says ENODEV then', () => {
    const group = join(root, `${tree.ours}-gone`);
    mkdirSync(group);
    const file = openSync(join(group, 'cgroup.procs'), 'r');
    rmdirSync(group);
    assert.throws(() => readFileSync(file), { code: 'ENODEV' });
    assert.equal(kernelText(`/proc/self/fd/${file}`), undefined);
    closeSync(file);
  });

  it('holds a machine: frozen, killed while frozen, removed, and the controllers of the root as before', async () => {
    const machine = new MachineCgroup(directory, 'node-1', 8, tree);
    const [procs = ''] = machine.create();
    assert.deepEqual(onAtRoot(), controllers.toSorted());
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    writeFileSync(procs, String(child.pid));
    assert.deepEqual(machine.processes(), [child.pid]);
    await machine.freeze();
    assert.equal(machine.isFrozen(), true);
    await machine.thaw();
    assert.equal(machine.isFrozen(), false);
    await machine.freeze();
    child.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    await machine.remove();
    await removeClusterCgroups(directory, tree);
    assert.deepEqual(cgroupsOf(undefined, tree), []);
    assert.deepEqual(onAtRoot(), before);
  });

  it('without a controller that a kubelet needs is refused by its name, and nothing is made', () => {
    const demanding = { ...tree, required: [...tree.required, 'no-such-controller'] };
    assert.throws(() => new MachineCgroup(directory, 'node-1', 1, demanding).create(), {
      code: 'cgroup.controllers-missing',
      message: `${root} has no controller no-such-controller`,
    });
    assert.deepEqual(cgroupsOf(undefined, tree), []);
  });

  it("in a container's own cgroup namespace moves the processes of the root aside, and back at the end", async () => {
    new MachineCgroup(directory, 'node-1', 1, tree).create();
    mkdirSync(container);
    const program = join(import.meta.dirname, 'testing', 'inner-root-main.ts');
    const enter = `echo 0 >${container}/cgroup.procs && exec unshare --cgroup --mount -- "$@"`;
    const mounts = 'mount -t cgroup2 cgroup2 "$1" && shift && exec "$@"';
    const inner = temporaryDirectory('inner-root');
    const { code, output, errors } = await execute('/bin/bash', [
      ...['-c', enter, '-', '/bin/bash', '-c', mounts, '-'],
      ...[inner, process.execPath, program, inner, directory],
    ]);
    assert.equal(code, 0, errors);
    const look = JSON.parse(output) as InnerRootLook;
    assert.deepEqual(look.on.toSorted(), controllers.toSorted());
    assert.equal(look.processesMeanwhile, 0);
    assert.ok(look.processesAfterwards > 0);
    assert.deepEqual(look.left, []);
  });
});
