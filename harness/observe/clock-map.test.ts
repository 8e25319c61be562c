import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClock } from './clock-map.ts';
import { answering } from './testing/answering.ts';

/** The map to a machine whose clock is 1000 ms behind ours, over round trips of these lengths. */
async function mapOver(roundTripsMs: readonly number[], bootId = 'theirs') {
  let nowMs = 5_000;
  let asked = 0;
  const clock = {
    now: () => ({ monoMs: nowMs, wallMs: nowMs }),
    sleep: () => Promise.reject(new Error('nobody sleeps')),
  };
  const connect = answering(() => {
    const halfMs = (roundTripsMs[asked++ % roundTripsMs.length] ?? 0) / 2;
    const monoMs = nowMs + halfMs - 1_000;
    nowMs += 2 * halfMs;
    return { bootId, monoMs };
  });
  const { signal } = new AbortController();
  const map = await readClock(connect, { clock, bootId: 'ours', token: 't', signal });
  return { map, asked };
}

test('the clock of another machine is mapped by the shortest of eight round trips, with half of it as the error', async () => {
  const { map, asked } = await mapOver([20, 6, 10]);
  assert.deepEqual(
    [map.sameBoot, map.offsetMs, map.errorMs, map.toHere(500), asked],
    [false, 1_000, 3, 1_500, 8],
  );
});

test('a machine of the same boot has our clock, and is asked once', async () => {
  const { map, asked } = await mapOver([20], 'ours');
  assert.deepEqual([map.sameBoot, map.offsetMs, map.errorMs, map.toHere(500), asked], [true, 0, 0, 500, 1]);
});
