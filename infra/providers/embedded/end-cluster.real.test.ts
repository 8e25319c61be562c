import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { clustersRoot, liveClusters } from '../../supervisor/cluster-directory.ts';
import { SupervisorClient } from '../../supervisor/client.ts';
import { isAlive, untilGone } from '../../process/identity.ts';
import { ANSWERS } from '../../supervisor/protocol.ts';
import { cgroupTree } from './cgroup-tree.ts';
import { clusterGroup, processesOf } from './cgroups.ts';
import { NOTHING_SWEPT } from '../../supervisor/reap.ts';
import { endCluster } from '../../supervisor/end-cluster.ts';
import { sweepEmbedded } from './sweep.ts';
import { embeddedProvider } from './provider.ts';
import { startIdleSupervisor } from './testing/idle-supervisor.ts';
import { ownStateDirectory } from './testing/own-state-directory.ts';
import { differences, snapshotHost } from './testing/host-snapshot.ts';

const SWEEPERS = { embedded: sweepEmbedded };

describe('the end of a cluster', { concurrency: false }, () => {
  const env = ownStateDirectory();
  const provider = embeddedProvider(env);
  const root = clustersRoot(env);
  const lookAtHost = () => snapshotHost(env.FIREDRILL_STATE_DIR, root);

  it('that never came up needs no kubeconfig, and attach says why it failed', async () => {
    const untouched = await lookAtHost();
    await startIdleSupervisor('failed', env, true);
    await assert.rejects(provider.attach('failed'), {
      code: 'cluster.failed',
      message: /cluster failed failed: .*EEXIST|ENOTDIR/,
    });
    await provider.end('failed', { force: false });
    assert.deepEqual(differences(untouched, await lookAtHost()), []);
  });

  it('that is starting is the end of its supervisor, too', async () => {
    const untouched = await lookAtHost();
    const { pid } = await startIdleSupervisor('starting', env);
    await assert.rejects(provider.attach('starting'), { code: 'cluster.starting' });
    await provider.end('starting', { force: false });
    assert.equal(pid !== undefined && isAlive(pid), false);
    assert.deepEqual(differences(untouched, await lookAtHost()), []);
  });

  it('is refused while a session holds it, and named; by force it ends', async () => {
    const { supervisor, paths, pid } = await startIdleSupervisor('held', env);
    await supervisor.call('POST', '/v1/holds', { session: 'run-7', pid: 4711, timeToLiveMs: 60_000 });
    await assert.rejects(provider.end('held', { force: false }), {
      code: 'cluster.in-use',
      message: /session run-7 \(pid 4711\)/,
    });
    const status = await supervisor.ask(ANSWERS.status, 'GET', '/v1/status');
    assert.equal(status.phase, 'starting');
    await provider.end('held', { force: true });
    assert.deepEqual(liveClusters(root), []);
    await assert.rejects(provider.end('held', { force: true }), { code: 'cluster.unknown' });
    assert.equal(pid !== undefined && isAlive(pid), false);
    assert.throws(() => readFileSync(paths.spec), { code: 'ENOENT' });
  });

  it('comes for a supervisor that hangs, too', { timeout: 90_000 }, async () => {
    const { paths, pid } = await startIdleSupervisor('hung', env);
    assert.ok(pid);
    process.kill(pid.pid, 'SIGSTOP');
    await endCluster(paths, { force: true, sweepers: SWEEPERS, downWithinMs: 500, endedWithinMs: 200 });
    assert.equal(isAlive(pid), false);
    assert.deepEqual(liveClusters(root), []);
  });

  it('that fails in the supervisor ends its process, and the reaper does the rest', async () => {
    const untouched = await lookAtHost();
    const { paths, pid } = await startIdleSupervisor('stuck', env);
    // A process that the supervisor does not know keeps the cluster's groups from being removed.
    const { ended } = startInGroup(paths.directory);
    const client = new SupervisorClient(paths.controlSocket);
    await assert.rejects(client.call('POST', '/v1/down', {}), { code: 'cgroup.not-removed' });
    assert.ok(pid);
    await untilGone(pid, 5_000);
    assert.deepEqual(liveClusters(root), []);
    await endCluster(paths, { force: false, sweepers: SWEEPERS });
    await ended;
    assert.deepEqual(differences(untouched, await lookAtHost()), []);
  });

  it('of a dead one takes nothing of a living one with its name in another state directory', async () => {
    const living = join(root, 'twin');
    const dead = join(clustersRoot(ownStateDirectory()), 'twin');
    mkdirSync(living, { recursive: true });
    mkdirSync(dead, { recursive: true });
    const { pid, ended } = startInGroup(living);
    assert.deepEqual(await sweepEmbedded(dead), NOTHING_SWEPT);
    assert.deepEqual(processesOf(living), [pid]);
    assert.equal((await sweepEmbedded(living)).processes, 1);
    await ended;
  });
});

/** A process in the groups of the cluster of this directory. */
function startInGroup(directory: string) {
  const process = spawn('sleep', ['600']);
  const ended = new Promise((resolve) => process.once('exit', resolve));
  const { root, version } = cgroupTree();
  const group = join(root, version === 2 ? '' : 'freezer', clusterGroup(directory));
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, 'cgroup.procs'), String(process.pid));
  return { pid: process.pid, ended };
}
