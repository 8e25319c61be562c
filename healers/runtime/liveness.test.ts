import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listWatch } from '../../infra/kube/list-watch.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { recordingKube } from '../testing/recording-kube.ts';
import { standstill } from './liveness.ts';
import { ReconcileLoop } from './reconcile-loop.ts';

const LIMIT_MS = 180_000;

function loopOf(clock: SimClock, reconcile: () => Promise<{ afterMs?: number }>): ReconcileLoop {
  return new ReconcileLoop({
    reconcile,
    clock,
    timers: clock,
    workers: 2,
    retry: { firstMs: 50, maxMs: 1000 },
    onError: () => undefined,
  });
}

function verdict(loop: ReconcileLoop, clock: SimClock): string | undefined {
  const work = [{ name: 'reconciles', progressMonoMs: loop.progressMonoMs }];
  return standstill(work, clock.now().monoMs, LIMIT_MS);
}

test('a loop that looks again every resync is alive, and so is one whose every look fails', async () => {
  for (const reconcile of [
    () => Promise.resolve({ afterMs: 30_000 }),
    () => Promise.reject(new Error('no API server')),
  ]) {
    const clock = new SimClock();
    const loop = loopOf(clock, reconcile);
    const stop = new AbortController();
    const running = loop.run(stop.signal);
    loop.add('node-1');
    await clock.runUntil(600_000);
    assert.equal(verdict(loop, clock), undefined);
    stop.abort();
    await running;
  }
});

test('a look that never ends is a standstill, also where others go on beside it', async () => {
  const clock = new SimClock();
  const stuck = Promise.withResolvers<{ afterMs?: number }>();
  let looks = 0;
  const loop = loopOf(clock, () => (looks++ === 0 ? stuck.promise : Promise.resolve({ afterMs: 30_000 })));
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  loop.add('node-1');
  loop.add('node-2');
  await clock.runUntil(170_000);
  assert.equal(verdict(loop, clock), undefined);
  await clock.runUntil(190_000);
  assert.equal(verdict(loop, clock), 'no progress of reconciles for 190 s');
  stop.abort();
  stuck.resolve({});
  await running;
});

test('a watch that only meets refusals is alive; one that has stopped trying is not', async () => {
  const clock = new SimClock();
  const { kube } = recordingKube('own', clock);
  const watch = listWatch(kube, { apiVersion: 'v1', kind: 'Node' } as const, { clock });
  const stop = new AbortController();
  const running = watch.start(stop.signal);
  const verdictNow = (): string | undefined =>
    standstill(
      [{ name: 'the watch of nodes', progressMonoMs: watch.lastActiveMonoMs }],
      clock.now().monoMs,
      LIMIT_MS,
    );
  await clock.runUntil(600_000);
  assert.equal(verdictNow(), undefined);
  stop.abort();
  await clock.runUntil(900_000);
  await running;
  assert.match(verdictNow() ?? '', /^no progress of the watch of nodes for \d+ s$/);
});
