import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { Records, type UnitRecord } from './records.ts';

const NAME = { part: 'goals', unit: 'seed 1' };
const SECOND = { part: 'goals', unit: 'seed 2' };
const PASSED: UnitRecord = { commit: 'c1', ...NAME, result: 'passed', seconds: 60, endedAt: '' };

let files = 0;
const newFile = (): string => join(temporaryDirectory('records'), `${++files}.jsonl`);

/** What is known on commit c1 from these records. */
function recordsOf(...written: readonly Partial<UnitRecord>[]): Records {
  const file = newFile();
  writeFileSync(file, written.map((facts) => JSON.stringify({ ...PASSED, ...facts })).join('\n'));
  return new Records(file, 'c1');
}

test('a unit is done when it has passed or failed, and not when it was skipped', () => {
  assert.equal(recordsOf().doneOf(NAME), undefined);
  assert.equal(recordsOf({}).doneOf(NAME)?.result, 'passed');
  assert.equal(recordsOf({ result: 'failed' }).doneOf(NAME)?.result, 'failed');
  assert.equal(recordsOf({ result: 'skipped' }).doneOf(NAME), undefined);
  assert.equal(recordsOf(SECOND, { part: 'kind' }).doneOf(NAME), undefined);
});

test('a unit that has failed once has failed, in whatever order files were joined', () => {
  assert.equal(recordsOf({ result: 'failed' }, {}).doneOf(NAME)?.result, 'failed');
  assert.equal(recordsOf({}, { result: 'failed' }).doneOf(NAME)?.result, 'failed');
});

test('a line that is no record counts for nothing', () => {
  const file = newFile();
  const { seconds, ...untimed } = PASSED;
  const others = [
    null,
    [],
    untimed,
    { ...PASSED, result: 'foo' },
    { ...PASSED, figures: { a: 'b' }, seconds },
  ];
  writeFileSync(file, others.map((other) => JSON.stringify(other)).join('\n'));
  const records = new Records(file, 'c1');
  assert.equal(records.doneOf(NAME), undefined);
  assert.equal(records.lastMsOf(NAME), undefined);
});

test('results of another commit do not count, but how long they took is known', () => {
  const records = recordsOf({ commit: 'c0', seconds: 90 }, { commit: 'c0', result: 'skipped', seconds: 1 });
  assert.equal(records.doneOf(NAME), undefined);
  assert.equal(records.lastMsOf(NAME), 90_000);
  assert.equal(records.lastMsOf(SECOND), undefined);
});

test('a figure counts when every unit is done on one commit', () => {
  const first = { figures: { users: [2.5] } };
  const second = { ...SECOND, figures: { users: [1.5], capacity: [null, 3] } };
  assert.equal(recordsOf(first, { ...second, commit: 'c0' }).figuresOf([NAME, SECOND]).size, 0);
  assert.deepEqual(
    [...recordsOf(first, second).figuresOf([NAME, SECOND])],
    [
      ['users', [2.5, 1.5]],
      ['capacity', [Number.POSITIVE_INFINITY, 3]],
    ],
  );
});

test('a record that was cut off by a kill is none, and the next is whole', () => {
  const file = newFile();
  new Records(file, 'c1').add({ ...NAME, result: 'passed', seconds: 1 });
  appendFileSync(file, '{"commit":"c1","par');
  new Records(file, 'c1').add({ ...SECOND, result: 'failed', seconds: 2 });
  const records = new Records(file, 'c1');
  assert.equal(records.doneOf(NAME)?.result, 'passed');
  assert.equal(records.doneOf(SECOND)?.result, 'failed');
});
