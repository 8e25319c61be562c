import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { listingOf } from './listing.ts';
import { Records, type UnitOutcome } from './records.ts';

const GOALS = { name: 'goals', what: 'recoveries' };
const [FIRST, SECOND, THIRD] = ['seed 1', 'seed 2', 'seed 3'].map((unit) => ({
  ...{ part: 'goals', unit, guessMs: 600_000 },
})) as [UnitName, UnitName, UnitName];
type UnitName = Parameters<typeof listingOf>[1][number];

const file = join(temporaryDirectory('listing'), 'records.jsonl');

/** Notes a unit as ended on a commit, and says what is known there then. */
function ended(commit: string, { part, unit }: UnitName, seconds: number, outcome: UnitOutcome): Records {
  const records = new Records(file, commit);
  records.add({ part, unit, seconds, ...outcome });
  return records;
}

test('the list says what is done on this commit, what is left, how long each took, and how many slices that makes; and its figures when all are there', () => {
  ended('c0', SECOND, 800, { result: 'failed' });
  const some = ended('c1', FIRST, 1500, {
    result: 'passed',
    figures: { users: [1], capacity: [null] },
  });
  assert.deepEqual(listingOf(GOALS, [FIRST, SECOND, THIRD], some), [
    'goals: recoveries',
    '  units: 3, of which 1 passed, 0 failed, 2 left; all take about 48 min, so slices: 2',
    '    passed  seed 1, 1500.0 s the last time',
    '    left    seed 2, 800.0 s the last time',
    '    left    seed 3, never timed',
  ]);
  ended('c1', SECOND, 800, { result: 'passed', figures: { users: [2], capacity: [4] } });
  const all = ended('c1', THIRD, 800, { result: 'failed', figures: { users: [3], capacity: [4] } });
  assert.deepEqual(listingOf(GOALS, [FIRST, SECOND, THIRD], all).slice(-2), [
    '  users: median 2.00, 1.00 to 3.00, n = 3',
    '  capacity: median 4.00, 4.00 to never, n = 3',
  ]);
  ended('c2', FIRST, 800, { result: 'passed', figures: { users: [2] } });
  const without = ended('c2', SECOND, 800, { result: 'failed', reason: 'did not end' });
  assert.deepEqual(listingOf(GOALS, [FIRST, SECOND], without).slice(-2), [
    '    failed  seed 2, 800.0 s the last time: did not end',
    '  users: incomplete, 1 of 2 failed without it',
  ]);
});
