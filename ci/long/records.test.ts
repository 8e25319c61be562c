import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doneRecord, figuresOf, lastMs, mayBegin, parseSlice, SLICE_MS, sliceOf } from './plan.ts';
import type { UnitRecord } from './records.ts';

const NAME = { part: 'goals', unit: 'seed 1' };
const record = (facts: Partial<UnitRecord>): UnitRecord => ({
  ...{ commit: 'c1', ...NAME, result: 'passed', seconds: 60, endedAt: '2026-01-01T00:00:00.000Z' },
  ...facts,
});

test('all slices together are all units, each once', () => {
  const units = Array.from({ length: 11 }, (_, index) => index);
  const slices = [1, 2, 3].map((number) => sliceOf(units, { number, of: 3 }));
  assert.deepEqual(
    slices.map((slice) => slice.length),
    [4, 4, 3],
  );
  assert.deepEqual(
    slices.flat().toSorted((a, b) => a - b),
    units,
  );
});

test('a slice is K/N with K from 1 to N', () => {
  assert.deepEqual(parseSlice('2/3'), { number: 2, of: 3 });
  for (const wrong of ['0/3', '4/3', '2', '2/0', '-1/2', '1.5/2', ''])
    assert.equal(parseSlice(wrong), undefined);
});

test('a unit is done when it has passed or failed, and not when it was skipped', () => {
  assert.equal(doneRecord(NAME, [], 'c1'), undefined);
  assert.equal(doneRecord(NAME, [record({})], 'c1')?.result, 'passed');
  assert.equal(doneRecord(NAME, [record({ result: 'failed' })], 'c1')?.result, 'failed');
  assert.equal(doneRecord(NAME, [record({ result: 'skipped' })], 'c1'), undefined);
  assert.equal(doneRecord(NAME, [record({ unit: 'seed 2' }), record({ part: 'kind' })], 'c1'), undefined);
});

test('results of another commit do not count, but how long they took is known', () => {
  const records = [
    record({ commit: 'c0', seconds: 90 }),
    record({ commit: 'c0', result: 'skipped', seconds: 1 }),
  ];
  assert.equal(doneRecord(NAME, records, 'c1'), undefined);
  assert.equal(lastMs(NAME, records), 90_000);
  assert.equal(lastMs({ ...NAME, unit: 'seed 2' }, records), undefined);
});

test('what does not end within the 40 minutes is not begun', () => {
  assert.ok(mayBegin(0, SLICE_MS));
  assert.ok(mayBegin(SLICE_MS - 60_000, 60_000));
  assert.ok(!mayBegin(SLICE_MS - 60_000, 60_001));
});

test('a figure counts when every unit is done on one commit', () => {
  const units = ['seed 1', 'seed 2'].map((unit) => ({ part: 'goals', unit }));
  const first = record({ figures: { users: [2.5] } });
  const second = record({ unit: 'seed 2', figures: { users: [1.5], capacity: [null, 3] } });
  assert.equal(figuresOf(units, [first, { ...second, commit: 'c0' }], 'c1').size, 0);
  assert.deepEqual(
    [...figuresOf(units, [first, second], 'c1')],
    [
      ['users', [1.5, 2.5]],
      ['capacity', [3, Number.POSITIVE_INFINITY]],
    ],
  );
});
