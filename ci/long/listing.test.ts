import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listingOf } from './listing.ts';
import type { UnitRecord } from './records.ts';

const record = (unit: string, facts: Partial<UnitRecord>): UnitRecord => ({
  ...{ commit: 'c1', part: 'goals', unit, result: 'passed', seconds: 1500, endedAt: '' },
  ...facts,
});
const part = {
  ...{ name: 'goals', what: 'recoveries', guessMs: 600_000 },
  units: ['seed 1', 'seed 2', 'seed 3'].map((unit) => ({ part: 'goals', unit })),
};

test('the list says what is done on this commit, what is left, how long each took, and how many slices that makes', () => {
  const records = [
    record('seed 1', { figures: { users: [2] } }),
    record('seed 2', { commit: 'c0', result: 'failed', seconds: 800 }),
  ];
  assert.deepEqual(listingOf(part, records, 'c1'), [
    'goals: recoveries',
    '  units: 3, of which 1 passed, 0 failed, 2 left; all take about 48 min, so slices: 2',
    '    passed  seed 1, 1500.0 s the last time',
    '    left    seed 2, 800.0 s the last time',
    '    left    seed 3, never timed',
  ]);
});

test('figures are told when all units of one commit are there', () => {
  const records = ['seed 1', 'seed 2', 'seed 3'].map((unit, index) =>
    record(unit, { figures: { users: [index + 1], capacity: [index === 0 ? null : 4] } }),
  );
  assert.deepEqual(listingOf(part, records, 'c1').slice(-2), [
    '  users: median 2.00, 1.00 to 3.00, n = 3',
    '  capacity: median 4.00, 4.00 to never, n = 3',
  ]);
});
