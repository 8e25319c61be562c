import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Undo } from '../../../harness/core/faults/fault.ts';
import { holdLease } from '../../borrowed/hold.ts';
import { applyAll } from '../../kube/apply.ts';
import type { KubeClient } from '../../kube/client.ts';
import { sharedApiServer, type SharedApiServer } from '../../kube/testing/shared-api-server.ts';
import type { DrillPower } from '../../machines/drill-power.ts';
import { ANCHOR, anchorManifest } from './anchor.ts';
import { HOLD_LEASE } from './hold-record.ts';
import { Reaper } from './reaper.ts';

const TIMING = { lookEveryMs: 50, lookWithinMs: 500, silentAfterMs: 1_500, undoWithinMs: 1_500 };
const BEATS = { beatEveryMs: 200, beatWithinMs: 2_000, renewWithinMs: 700, timeToLiveMs: 1_000 };
let server: SharedApiServer;
let kube: KubeClient;
let said: string[];

before(async () => {
  server = await sharedApiServer();
  kube = server.client();
  // The reaper's rights are those of the anchor, and no more: here they are the guest's.
  const subject = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'guest' };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: ANCHOR.name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: ANCHOR.kind, name: ANCHOR.name },
    subjects: [subject],
  };
  await applyAll(kube, [binding], { fieldManager: 'test' });
});
after(async () => {
  await server.stop();
});
beforeEach(async () => {
  said = [];
  await applyAll(kube, [anchorManifest()], { fieldManager: 'test', force: true });
});

/** Runs one as its pod would, with its own rights. */
function start(power?: Pick<DrillPower, 'powerOn' | 'stateOf'>): {
  readonly ended: Promise<void>;
  readonly reaper: Reaper;
  readonly stop: () => Promise<void>;
} {
  const stop = new AbortController();
  const reaper = new Reaper(server.client({}, server.guest), (text) => void said.push(text), {
    timing: TIMING,
    power,
  });
  const ended = reaper.run(stop.signal);
  return {
    reaper,
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

const pass = (durationMs: number) => kube.clock.sleep(durationMs);
const isAnchored = async (): Promise<boolean> => (await kube.find(ANCHOR)) !== undefined;

test('as long as the holder gives signs of life nothing is taken away; when they stop for good everything is', async () => {
  const hold = await holdLease(server.client(), 'run-1', BEATS);
  const { ended, reaper } = start();
  await pass(2 * TIMING.silentAfterMs);
  assert.equal(reaper.notReady, undefined);
  assert.equal(await isAnchored(), true);
  // As when its network is gone: the lease stays as it is.
  const left = await kube.get(HOLD_LEASE);
  await hold.release();
  delete left.metadata?.resourceVersion;
  await kube.create(left);
  await ended;
  assert.equal(await isAnchored(), false);
  assert.equal(await kube.find(HOLD_LEASE), undefined);
  assert.match(said.join('\n'), /session run-1 was silent for 1500 ms/);
});

/** A session that has died, and what it has not undone. */
async function deadHolder(session: string, undo: Undo): Promise<void> {
  const { apiVersion, kind, ...metadata } = HOLD_LEASE;
  const hold = { id: 'dead', pid: 1, host: 'gone', beat: 7, undos: [{ injectionId: 'i', undo }] };
  const annotations = { 'firedrill.dev/holds': JSON.stringify([hold]) };
  await kube.create({
    apiVersion,
    kind,
    metadata: { ...metadata, annotations },
    spec: { holderIdentity: session },
  });
}

const deadWithMachineOff = (session: string): Promise<void> =>
  deadHolder(session, { verb: 'node.power-on', args: { node: 'node-2' } });

test('a machine is switched on again by whom the machine interface is open to, also when that is away for a moment', async () => {
  await deadWithMachineOff('run-5');
  let isOn = false;
  let failures = 2;
  const { ended, reaper } = start({
    powerOn: async () => {
      if (failures-- > 0) throw new Error('no answer');
      isOn = true;
      await Promise.resolve();
    },
    stateOf: () => Promise.resolve(isOn ? 'on' : 'off-by-drill'),
  });
  await ended;
  assert.equal(reaper.notReady, undefined);
  assert.equal(isOn, true);
  assert.equal(await kube.find(HOLD_LEASE), undefined);
  assert.equal(await isAnchored(), false);
});

test('a machine that cannot be switched on keeps the lease, and what was installed goes all the same', async () => {
  await deadWithMachineOff('run-6');
  const power = {
    powerOn: () => Promise.reject(new Error('no')),
    stateOf: () => Promise.resolve('off-by-drill' as const),
  };
  await start(power).ended;
  assert.equal(await isAnchored(), false);
  await assert.rejects(holdLease(server.client(), 'run-7', BEATS), { code: 'cluster.quarantined' });
  assert.match(said.join('\n'), /node\.power-on failed: no/);
  await kube.delete(HOLD_LEASE);
});

test('as long as the machine interface was never reached it is not ready', async () => {
  const { stop, reaper } = start({
    powerOn: () => Promise.resolve(),
    stateOf: () => Promise.reject(new Error('no route')),
  });
  await pass(300);
  assert.equal(reaper.notReady, 'no route');
  await stop();
});

test('faults that nobody can undo keep the lease, so that nobody else begins', async () => {
  await deadHolder('run-2', { verb: 'node.thaw', args: { node: 'a' } });
  await start().ended;
  assert.equal(await isAnchored(), false);
  await assert.rejects(holdLease(server.client(), 'run-3', BEATS), { code: 'cluster.quarantined' });
  assert.match(said.join('\n'), /not undone: node\.thaw {"node":"a"}/);
  await kube.delete(HOLD_LEASE);
});

test('an API server that was away is no proof that the holder is', async () => {
  // The reaper looks again before the holder beats again.
  const beats = { ...BEATS, beatEveryMs: 1_000, beatWithinMs: 300, renewWithinMs: 60_000 };
  const hold = await holdLease(server.client(), 'run-4', beats);
  const { stop, reaper } = start();
  await pass(500);
  server.freeze();
  await pass(2 * TIMING.silentAfterMs);
  assert.notEqual(reaper.notReady, undefined);
  server.thaw();
  await pass(2 * TIMING.silentAfterMs);
  assert.equal(await isAnchored(), true);
  assert.equal(reaper.notReady, undefined);
  await stop();
  await hold.release();
});
