import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { ReconcileLoop } from './reconcile-loop.ts';
import { WorkQueue } from './work-queue.ts';

function queue(): { clock: SimClock; work: WorkQueue; take: () => string[] } {
  const clock = new SimClock();
  const work = new WorkQueue(clock, clock, () => undefined);
  const take = (): string[] => {
    const names: string[] = [];
    for (let name = work.take(); name !== undefined; name = work.take()) names.push(name);
    return names;
  };
  return { clock, work, take };
}

test('a name that is added twice comes once', () => {
  const { work, take } = queue();
  work.add('a');
  work.add('a');
  assert.deepEqual(take(), ['a']);
});

test('a name that is added while it is worked on comes again afterwards, not beside', () => {
  const { work, take } = queue();
  work.add('a');
  assert.deepEqual(take(), ['a']);
  work.add('a');
  assert.deepEqual(take(), []);
  work.done('a');
  assert.deepEqual(take(), ['a']);
});

test('a delayed name comes after exactly its delay', async () => {
  const { clock, work, take } = queue();
  work.addAfter('a', 1500);
  await clock.runUntil(1499);
  assert.deepEqual(take(), []);
  await clock.runUntil(1500);
  assert.deepEqual(take(), ['a']);
});

test('the earliest of several delays wins, and it comes once', async () => {
  const { clock, work, take } = queue();
  work.addAfter('a', 1000);
  work.addAfter('a', 200);
  work.addAfter('a', 3000);
  await clock.runUntil(200);
  assert.deepEqual(take(), ['a']);
  work.done('a');
  await clock.runUntil(5000);
  assert.deepEqual(take(), []);
});

test('an immediate addition replaces a delayed one', async () => {
  const { clock, work, take } = queue();
  work.addAfter('a', 100);
  work.add('a');
  assert.deepEqual(take(), ['a']);
  work.done('a');
  await clock.runUntil(500);
  assert.deepEqual(take(), []);
});

test('a reconcile is repeated after the wait that it returned', async () => {
  const clock = new SimClock();
  const at: number[] = [];
  const loop = new ReconcileLoop({
    clock,
    timers: clock,
    workers: 1,
    reconcile: () => {
      at.push(clock.now().monoMs);
      return Promise.resolve({ afterMs: 700 });
    },
    onError: () => assert.fail(),
  });
  const stop = new AbortController();
  const done = loop.run(stop.signal);
  loop.add('a');
  await clock.runUntil(2500);
  assert.deepEqual(at, [0, 700, 1400, 2100]);
  stop.abort();
  await clock.runUntil(9000);
  await done;
  assert.equal(at.length, 4);
});

test('a failing reconcile backs off for its own name only, and a success forgets it', async () => {
  const clock = new SimClock();
  const at: number[] = [];
  let failing = true;
  const loop = new ReconcileLoop({
    clock,
    timers: clock,
    workers: 2,
    retry: { firstMs: 100, maxMs: 400 },
    reconcile: (name) => {
      if (name === 'good') return Promise.resolve({ afterMs: 1000 });
      at.push(clock.now().monoMs);
      return failing ? Promise.reject(new Error('no')) : Promise.resolve({});
    },
    onError: () => undefined,
  });
  const stop = new AbortController();
  const done = loop.run(stop.signal);
  loop.add('bad');
  loop.add('good');
  await clock.runUntil(1200);
  assert.deepEqual(at, [0, 100, 300, 700, 1100]);
  failing = false;
  await clock.runUntil(1500);
  failing = true;
  loop.add('bad');
  await clock.runUntil(1600);
  assert.deepEqual(at.slice(5), [1500, 1500, 1600]);
  stop.abort();
  await done;
});

test('no more names are worked on at once than there are workers', async () => {
  const clock = new SimClock();
  let now = 0;
  let most = 0;
  const loop = new ReconcileLoop({
    clock,
    timers: clock,
    workers: 3,
    reconcile: async () => {
      most = Math.max(most, ++now);
      await clock.sleep(50);
      now--;
      return {};
    },
    onError: () => assert.fail(),
  });
  const stop = new AbortController();
  const done = loop.run(stop.signal);
  for (let number = 0; number < 10; number++) loop.add(`node-${number}`);
  await clock.runUntil(1000);
  assert.equal(most, 3);
  stop.abort();
  await done;
});

test('a loop that has worked for 5 ms without a rest lets others have their turn before it goes on', async () => {
  let nowMs = 0;
  const clock = { now: () => ({ monoMs: nowMs, wallMs: 0 }), sleep: () => Promise.resolve() };
  const waiting: (() => void)[] = [];
  const timers = {
    after: (_: number, callback: () => void) => {
      waiting.push(callback);
      return () => undefined;
    },
  };
  const handled: string[] = [];
  const reconcile = (name: string) => {
    nowMs++;
    handled.push(name);
    return Promise.resolve({});
  };
  const loop = new ReconcileLoop({ clock, timers, workers: 2, reconcile, onError: () => assert.fail() });
  const stop = new AbortController();
  const done = loop.run(stop.signal);
  for (let number = 0; number < 12; number++) loop.add(`node-${number}`);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const soFar: number[] = [];
  for (;;) {
    await turn();
    soFar.push(handled.length);
    const next = waiting.shift();
    if (next === undefined) break;
    next();
  }
  assert.deepEqual(soFar, [6, 11, 12]);
  stop.abort();
  await done;
});
