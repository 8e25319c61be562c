import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { activityOf, estimateRemainingMs } from './progress.ts';

test('the time left is never negative or unknown, and nothing is left at the end', () => {
  const figure = fc.double({ min: 0, max: 1e7, noNaN: true });
  fc.assert(
    fc.property(figure, figure, fc.double({ min: 0, max: 1, noNaN: true }), (expected, elapsed, fraction) => {
      const left = estimateRemainingMs(expected, elapsed, fraction);
      assert.ok(Number.isFinite(left) && left >= 0);
      assert.equal(estimateRemainingMs(expected, elapsed, 1), 0);
    }),
  );
});

test('before anything is done the table rules, near the end the speed that was seen', () => {
  assert.equal(estimateRemainingMs(60_000, 0, 0), 60_000);
  assert.equal(estimateRemainingMs(60_000, 900_000, 0.9), 90_600);
});

test('a person reads what is made, how far it is and roughly how long it may take yet', () => {
  const progress = { bundle: 'etcd', tools: ['etcd'], phase: 'building', elapsedMs: 1000 } as const;
  const message = '12 packages compiled';
  assert.equal(activityOf({ ...progress, message }), 'etcd: 12 packages compiled');
  assert.match(activityOf({ ...progress, message, remainingMs: 200_000 }), /, about 3 min left$/);
  assert.match(activityOf({ ...progress, message, remainingMs: 31_000 }), /, about 40 s left$/);
  assert.match(activityOf({ ...progress, message, remainingMs: 0 }), /, about 10 s left$/);
});
