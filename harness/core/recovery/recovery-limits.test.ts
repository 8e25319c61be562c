import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slidingWindows } from './probe-windows.ts';
import { lastPossibleLeftEdge, relapseAfter } from './recovery-limits.ts';

/** Ten requests a second, of which those at these instants fail. */
const failingAt = (...instants: readonly number[]) =>
  Array.from({ length: 60 }, (_, at) => ({
    dueMonoMs: 100 * at,
    ok: !instants.includes(100 * at),
    lateMs: 0,
  }));

test('a relapse lasts from the first to the last window outside the bound after an instant', () => {
  const samples = failingAt(1_000, 3_000, 3_500, 4_600);
  const relapse = (afterMs: number) => relapseAfter(samples, slidingWindows(samples, 100, 1), afterMs);
  assert.deepEqual(relapse(2_000), { monoMs: 3_000, durationMs: 2_500 });
  assert.deepEqual(relapse(3_000), { monoMs: 3_100, durationMs: 2_400 });
  assert.deepEqual(relapse(5_400), { monoMs: 5_500, durationMs: 0 });
  assert.equal(relapse(5_500), undefined);
});

test('users cannot be back before the newest failure that a second inside the bound could not afford', () => {
  const samples = failingAt(1_000, 2_000, 3_000);
  const edge = (minGoodShare: number, periodMs = 100) =>
    lastPossibleLeftEdge(samples, minGoodShare, periodMs);
  assert.deepEqual([edge(1), edge(0.9), edge(0.8)], [3_000, 2_000, 1_000]);
  assert.deepEqual([edge(0.91), edge(0.85)], [3_000, 2_000]);
  // One that could afford all of them may have begun with the first request.
  assert.equal(edge(0.7), 0);
  assert.deepEqual([edge(0.9, 50), edge(0.9, 5_000)], [1_000, 3_000]);
});
