import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillMissing, findMissing } from './missing-samples.ts';
import type { TraceGap } from './probe-windows.ts';

const PERIOD_MS = 100;
const trace = (dues: readonly number[], gaps: readonly TraceGap[] = []) => ({
  ...{ target: 'shop', gaps, clockErrorMs: 0 },
  samples: dues.map((dueMonoMs) => ({ dueMonoMs, ok: true, lateMs: 0.3 })),
});
const found = (dues: readonly number[], gaps: readonly TraceGap[] = []) =>
  findMissing(trace(dues, gaps), PERIOD_MS);

test('a hole reaches from the first to the last request that is missing', () => {
  assert.deepEqual(found([0, 100, 200]).holes, []);
  assert.deepEqual(found([0, 100, 500, 600]).holes, [
    { fromMonoMs: 200, toMonoMs: 400, reason: 'requests are missing' },
  ]);
  assert.deepEqual(found([0, 200]).holes, [
    { fromMonoMs: 100, toMonoMs: 100, reason: 'requests are missing' },
  ]);
  assert.deepEqual([found([0, 149]).holes.length, found([0, 150]).holes.length], [0, 1]);
  assert.deepEqual(found([500, 0, 100, 600]).holes.length, 1);
});

test('what lies inside of a gap that the probe reported did not come, and the hole has its reason', () => {
  const gap = (fromMonoMs: number, toMonoMs: number): TraceGap => ({
    fromMonoMs,
    toMonoMs,
    reason: 'no CPU',
  });
  const { samples, holes } = found([0, 100, 200, 300, 400, 500], [gap(200, 300)]);
  assert.deepEqual(
    samples.map(({ dueMonoMs }) => dueMonoMs),
    [0, 100, 400, 500],
  );
  assert.deepEqual(holes, [{ fromMonoMs: 200, toMonoMs: 300, reason: 'no CPU' }]);
  const reasonBeside = (fromMs: number, toMs: number) =>
    found([0, 100, 400, 500], [gap(fromMs, toMs)]).holes[0]?.reason;
  assert.deepEqual(
    [reasonBeside(401, 450), reasonBeside(50, 99)],
    ['requests are missing', 'requests are missing'],
  );
  // The requests before and after the gap may be missing by it, too.
  assert.deepEqual([reasonBeside(310, 320), reasonBeside(150, 190)], ['no CPU', 'no CPU']);
  for (const [fromMs, toMs] of [
    [101, 399],
    [250, 250],
    [101, 102],
    [398, 399],
  ] as const)
    assert.equal(reasonBeside(fromMs, toMs), 'no CPU', `${fromMs} to ${toMs}`);
  const reasonBetween = (fromMs: number, toMs: number) =>
    found([0, 50, 450, 500], [gap(fromMs, toMs)]).holes[0]?.reason;
  assert.deepEqual(
    [reasonBetween(451, 460), reasonBetween(40, 49), reasonBetween(449, 449), reasonBetween(51, 51)],
    ['requests are missing', 'requests are missing', 'no CPU', 'no CPU'],
  );
});

test('missing requests are filled in at their due instants, in order, and are known to be assumed', () => {
  const partial = found([0, 100, 400, 500]);
  for (const ok of [true, false]) {
    const assumed = { ok, lateMs: 0, assumed: true };
    assert.deepEqual(fillMissing(partial, PERIOD_MS, ok), [
      ...partial.samples.slice(0, 2),
      { dueMonoMs: 200, ...assumed },
      { dueMonoMs: 300, ...assumed },
      ...partial.samples.slice(2),
    ]);
  }
  const uneven = fillMissing(found([0, 100, 449]), PERIOD_MS, true).map(({ dueMonoMs }) => dueMonoMs);
  assert.deepEqual(uneven, [0, 100, 200, 300, 449]);
});
