import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeLine, slowestLines } from './wording.ts';

const unit = { name: 'unit', budgetMinutes: 1 };

test('the time of a suite stands beside its budget and what it took the last time', () => {
  assert.equal(
    outcomeLine(unit, { passed: 3, failed: 0, skipped: 1 }, 41.26, 39),
    'unit: 3 ok, 0 failed, 1 skipped in 41.3 s (budget 60 s, last run 39.0 s)',
  );
});

test('a suite that is over its budget says by how much; the first run has no last one', () => {
  assert.equal(
    outcomeLine(unit, { passed: 3, failed: 1, skipped: 0 }, 71.5, undefined),
    'unit: 3 ok, 1 failed in 71.5 s (budget 60 s): 11.5 s over its budget',
  );
});

test('the slowest tests come first, each with its file', () => {
  const times = [
    { name: 'quick', file: 'a.test.ts', seconds: 0.1 },
    { name: 'slow', file: 'b.test.ts', seconds: 12.34 },
    { name: 'middling', file: 'a.test.ts', seconds: 2 },
  ];
  assert.deepEqual(slowestLines(times, 2), [
    '    12.3 s  slow (b.test.ts)',
    '     2.0 s  middling (a.test.ts)',
  ]);
});
