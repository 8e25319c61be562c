import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopConditionsOf } from './policy.ts';
import {
  describeStop,
  readFreeze,
  readValues,
  StopConditionTracker,
  type StopReading,
} from './stop-condition.ts';

const burns = { kind: 'query', name: 'burns', query: 'burn', above: 14 } as const;
const serves = { kind: 'query', name: 'serves', query: 'share', below: 0.9 } as const;
const reading = (state: StopReading['state'], name = 'burns'): StopReading => ({ name, state, detail: 'd' });

test('a value beyond the limit holds, one at the limit does not, and any of several counts', () => {
  assert.equal(readValues(burns, [14]).state, 'clear');
  assert.equal(readValues(burns, [1, 14.1]).state, 'true');
  assert.equal(readValues(serves, [0.9]).state, 'clear');
  assert.equal(readValues(serves, [0.89]).state, 'true');
  assert.match(readValues(burns, [20]).detail, /20 is above 14/);
});

test('no data and no number are not good news', () => {
  assert.equal(readValues(burns, []).state, 'unreadable');
  assert.equal(readValues(burns, [Number.NaN]).state, 'unreadable');
  assert.equal(readValues(burns, [Number.NaN, 20]).state, 'true');
});

test('one that holds stops at once', () => {
  const tracker = new StopConditionTracker(0, [burns, serves], 5_000);
  assert.equal(tracker.update([reading('clear'), reading('clear', 'serves')], 1_000), undefined);
  const reason = tracker.update([reading('clear'), reading('true', 'serves')], 2_000);
  assert.deepEqual(reason, { condition: 'serves', state: 'true', detail: 'd' });
});

test('one that cannot be read stops when nobody could for the whole time, each for itself', () => {
  const tracker = new StopConditionTracker(0, [burns, serves], 5_000);
  assert.equal(tracker.update([reading('unreadable')], 4_999), undefined);
  assert.equal(tracker.update([reading('clear')], 5_500), undefined);
  assert.equal(tracker.update([reading('unreadable')], 10_499), undefined);
  assert.equal(tracker.update([reading('unreadable')], 10_500)?.state, 'unreadable');
  assert.equal(
    new StopConditionTracker(0, [burns], 5_000).update([reading('unreadable')], 5_000)?.condition,
    'burns',
  );
});

test('the sentence says which of the two it is', () => {
  assert.match(describeStop({ condition: 'a', state: 'true', detail: 'd' }), /"a" holds: d/);
  assert.match(describeStop({ condition: 'a', state: 'unreadable', detail: 'd' }), /"a" cannot be read: d/);
});

test('a freeze window ends a trial so early that all is undone when it opens, and as long as it is open', () => {
  const sale = { kind: 'span', name: 'sale', fromWallMs: 100_000, toWallMs: 200_000 } as const;
  const [condition] = stopConditionsOf({ stop: [], freeze: [sale] });
  assert.ok(condition?.kind === 'freeze');
  const states = [64_999, 65_000, 150_000, 200_000].map((wallMs) => readFreeze(condition, wallMs).state);
  assert.deepEqual(states, ['clear', 'true', 'true', 'clear']);
});
