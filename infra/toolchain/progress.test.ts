import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { estimateRemainingMs } from './progress.ts';

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
