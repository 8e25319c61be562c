import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sharedApiServer, type SharedApiServer } from '../kube/testing/shared-api-server.ts';
import { HOLD_LEASE, holdersOf, holdsOf } from '../agents/reaper/hold-record.ts';
import { holdLease } from './hold.ts';

/** As the real ones, ten times as fast. */
const TIMING = { beatEveryMs: 200, beatWithinMs: 2_000, renewWithinMs: 700, timeToLiveMs: 1_000 };
const UNDO = { verb: 'node.thaw', args: { node: 'a' } };
let server: SharedApiServer;

before(async () => {
  server = await sharedApiServer();
});
after(async () => {
  await server.stop();
});

const lease = async () => await server.client().find(HOLD_LEASE);

test('a session holds a cluster with all its processes, another one waits outside, and the last takes the lease away', async () => {
  const launcher = await holdLease(server.client(), 'run-1', TIMING);
  const worker = await holdLease(server.client(), 'run-1', TIMING);
  await assert.rejects(holdLease(server.client(), 'run-2', TIMING), {
    code: 'hold.taken',
    message: /in use by session run-1 \(pid \d+ on /,
  });
  assert.equal(holdersOf(await lease()).length, 2);
  await worker.release();
  await assert.rejects(holdLease(server.client(), 'run-2', TIMING), { code: 'hold.taken' });
  assert.equal(launcher.lost, undefined);
  await launcher.release();
  assert.equal(await lease(), undefined);
  const next = await holdLease(server.client(), 'run-2', TIMING);
  await next.release();
});

test('two that come at the same moment: one of them holds it', async () => {
  const results = await Promise.allSettled(
    ['a', 'b', 'c'].map((session) => holdLease(server.client(), session, TIMING)),
  );
  const held = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.equal(held.length, 1);
  for (const hold of held) await hold.release();
});

test('what is about to be broken stands in the lease, and is no more in it when it is undone', async () => {
  const hold = await holdLease(server.client(), 'run-3', TIMING);
  await hold.registerUndo('i1', UNDO);
  await hold.registerUndo('i2', UNDO);
  assert.deepEqual(
    holdersOf(await lease()).map(({ undos }) => undos),
    [2],
  );
  await hold.forgetUndo('i1');
  assert.deepEqual(holdsOf(await lease())[0]?.undos, [{ injectionId: 'i2', undo: UNDO }]);
  await assert.rejects(hold.release(), { code: 'hold.faults-left' });
  await hold.forgetUndo('i2');
  await hold.release();
  assert.equal(await lease(), undefined);
});

/** As after a `kill -9`: nobody renews it any more. */
async function deadHold(session: string, undos: readonly unknown[]): Promise<void> {
  const { apiVersion, kind, ...metadata } = HOLD_LEASE;
  const hold = { id: 'dead', pid: 1, host: 'gone', beat: 7, undos };
  const annotations = { 'firedrill.dev/holds': JSON.stringify([hold]) };
  await server
    .client()
    .create({ apiVersion, kind, metadata: { ...metadata, annotations }, spec: { holderIdentity: session } });
}

test('a session that has died gives the cluster up, unless it has left faults', async () => {
  await deadHold('run-4', []);
  const hold = await holdLease(server.client(), 'run-5', TIMING);
  assert.deepEqual(
    holdersOf(await lease()).map(({ session }) => session),
    ['run-5'],
  );
  await hold.release();
  await deadHold('run-6', [{ injectionId: 'i', undo: UNDO }]);
  await assert.rejects(holdLease(server.client(), 'run-7', TIMING), {
    code: 'cluster.quarantined',
    message: /run-6 has died and left faults .*node\.thaw {"node":"a"}/,
  });
  await server.client().delete(HOLD_LEASE);
});

test('a worker that was killed is forgotten by the others of its session, except for what it has broken', async () => {
  const hold = await holdLease(server.client(), 'run-8', TIMING);
  const record = await lease();
  assert.ok(record !== undefined);
  const left = (id: string, undos: readonly unknown[]) => ({ id, pid: 1, host: 'h', beat: 1, undos });
  const holds = [...holdsOf(record), left('idle', []), left('broken', [{ injectionId: 'i', undo: UNDO }])];
  await server.client().patch(HOLD_LEASE, 'merge', {
    metadata: { annotations: { 'firedrill.dev/holds': JSON.stringify(holds) } },
  });
  let ids: string[] = [];
  for (const deadline = Date.now() + 10_000; Date.now() < deadline && ids.length !== 2;) {
    ids = holdsOf(await lease()).map(({ id }) => id);
    await delay(50);
  }
  assert.deepEqual(ids.toSorted(), ['broken', hold.id].toSorted());
  await server.client().delete(HOLD_LEASE);
});

test('who has lost the lease is told', async () => {
  const hold = await holdLease(server.client(), 'run-9', TIMING);
  await server.client().delete(HOLD_LEASE);
  for (const deadline = Date.now() + 10_000; Date.now() < deadline && hold.lost === undefined;)
    await delay(50);
  assert.match(hold.lost ?? '', /no longer in the lease: it is gone/);
  await assert.rejects(hold.registerUndo('i', UNDO), { code: 'hold.unknown' });
  await hold.release();
});

test('who cannot reach the API server knows it before others may take the lease', async () => {
  const hold = await holdLease(server.client(), 'run-10', { ...TIMING, timeToLiveMs: 60_000 });
  server.freeze();
  try {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline && hold.lost === undefined;)
      await delay(50);
    assert.match(hold.lost ?? '', /was not renewed for \d+ ms/);
  } finally {
    server.thaw();
  }
  await hold.release();
});
