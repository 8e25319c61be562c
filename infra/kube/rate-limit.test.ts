import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimit } from './rate-limit.ts';
import { VirtualClock, VirtualTime } from './testing/virtual-clock.ts';

async function instantsOf(calls: number, limit: RateLimit, time: VirtualTime): Promise<number[]> {
  const instants: number[] = [];
  for (let call = 0; call < calls; call++)
    void limit.take().then(() => instants.push(Math.round(time.nowMs)));
  await time.pass(10_000);
  return instants;
}

test('a burst goes at once, the rest at the rate, in order', async () => {
  const time = new VirtualTime();
  const limit = new RateLimit(10, 3, new VirtualClock(time));
  assert.deepEqual(await instantsOf(6, limit, time), [0, 0, 0, 100, 200, 300]);
});

test('what was saved up is never more than the burst', async () => {
  const time = new VirtualTime();
  const limit = new RateLimit(10, 2, new VirtualClock(time));
  await time.pass(60_000);
  assert.deepEqual(await instantsOf(4, limit, time), [60_000, 60_000, 60_100, 60_200]);
});
