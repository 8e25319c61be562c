import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { startIdleSupervisor } from '../../../infra/providers/embedded/testing/idle-supervisor.ts';
import { ownStateDirectory } from '../../../infra/providers/embedded/testing/own-state-directory.ts';
import { clustersRoot, liveClusters } from '../../../infra/supervisor/cluster-directory.ts';
import { untilGone, type ProcessIdentity } from '../../../infra/process/identity.ts';
import { down } from './down.ts';
import { kubeconfig } from './kubeconfig.ts';
import { reap } from './reap.ts';
import { status } from './status.ts';
import type { Verb } from './verb.ts';

async function kill(pid: ProcessIdentity | undefined): Promise<void> {
  assert.ok(pid);
  process.kill(pid.pid, 'SIGKILL');
  await untilGone(pid, 5_000);
}

describe('the verbs for clusters', { concurrency: false }, () => {
  const env = ownStateDirectory();
  const root = clustersRoot(env);

  let out = '';
  async function run(verb: Verb, ...args: string[]): Promise<{ code: number; out: string }> {
    out = '';
    const signal = AbortSignal.timeout(60_000);
    const context = { env, out: (text: string) => (out += text), err: () => undefined, signal };
    return { code: await verb.run(args, context), out };
  }

  it('status tells the living when another supervisor was killed, and clears that one away', async () => {
    await startIdleSupervisor('alpha', env);
    await kill((await startIdleSupervisor('beta', env)).pid);
    const { code, out } = await run(status);
    assert.equal(code, 0);
    assert.match(out, /^alpha {2}starting /m);
    assert.doesNotMatch(out, /beta/);
    assert.deepEqual(readdirSync(root), ['alpha']);
  });

  it('status does not wait for a supervisor that hangs', async () => {
    const { pid } = await startIdleSupervisor('hung', env);
    assert.ok(pid);
    process.kill(pid.pid, 'SIGSTOP');
    const { out } = await run(status);
    assert.match(out, /^alpha {2}starting /m);
    assert.match(out, /^hung {2}silent$/m);
    await kill(pid);
  });

  it('status says why a cluster failed, and down ends it', async () => {
    await startIdleSupervisor('failed', env, true);
    const { out } = await run(status, '--name', 'failed');
    assert.match(out, /^failed {2}failed /m);
    assert.match(out, /EEXIST|ENOTDIR/);
    assert.match((await run(down, '--name', 'failed')).out, /failed is down/);
  });

  it('down and kubeconfig of a cluster whose supervisor was killed say what became of it', async () => {
    await kill((await startIdleSupervisor('gamma', env)).pid);
    assert.equal((await run(down, '--name', 'gamma')).out, 'gamma is down\n');
    await kill((await startIdleSupervisor('gamma', env)).pid);
    await assert.rejects(run(kubeconfig, '--name', 'gamma'), { code: 'cluster.unknown' });
    assert.deepEqual(liveClusters(root), ['alpha']);
  });

  it('down leaves a cluster in use alone, ends the others, and takes it by force', async () => {
    const { supervisor } = await startIdleSupervisor('used', env);
    await supervisor.call('POST', '/v1/holds', { session: 'run-7', pid: 4711, timeToLiveMs: 60_000 });
    assert.match((await run(status)).out, /in use by session run-7 \(pid 4711\)/);
    await assert.rejects(run(down, '--all'), { code: 'cluster.in-use', message: /run-7 \(pid 4711\)/ });
    assert.deepEqual(liveClusters(root), ['used']);
    assert.equal((await run(down, '--all', '--force')).out, 'used is down\n');
    assert.equal((await run(down, '--all')).out, 'nothing was up\n');
  });

  it('down of a cluster that is not there writes nothing on stdout', async () => {
    await assert.rejects(run(down, '--name', 'nope', '--json'), { code: 'cluster.unknown', userError: true });
    assert.equal(out, '');
  });

  it('reap ends the quarantine of a cluster on which nothing is left', async () => {
    const { paths } = await startIdleSupervisor('careless', env);
    const undo = { verb: 'node.thaw', args: { node: 'node-1' } };
    // As it is after an undo that failed; the machine was retired since.
    writeFileSync(
      paths.quarantine,
      JSON.stringify([{ session: 's', pid: 1, injectionId: 'i1', undo, error: 'x' }]),
    );
    assert.match((await run(status)).out, /quarantined: .*npm run firedrill -- reap/);
    const { code, out } = await run(reap);
    assert.deepEqual([code, out], [0, 'careless: clean, no longer quarantined\n']);
    assert.doesNotMatch((await run(status)).out, /quarantined/);
  });
});
