import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryOf } from '../journal/journal.ts';
import { meanPressure, pressureWithin, takenShare } from './host-pressure.ts';
import { trialOf, type Told } from './testing/told-trial.ts';

type Pressure = Partial<EntryOf<'host.pressure'>>;

const told = (atMs: number, overMs: number, more: Pressure = {}): Told => [
  atMs,
  { kind: 'host.pressure', runnablePerCore: 0, stolenShare: 0, stalledShares: {}, ...more, overMs },
];

test('what is told of the machine counts where its time overlaps a span, and does not where it only touches it', () => {
  const { entries } = trialOf(told(1_000, 1_000), told(2_000, 1_000), [2_500, { kind: 'note', text: '' }]);
  const within = (fromMs?: number, toMs?: number) =>
    pressureWithin(entries, fromMs, toMs).map(({ monoMs }) => monoMs);
  assert.deepEqual(within(), [1_000, 2_000]);
  assert.deepEqual([within(999), within(1_000), within(2_000)], [[1_000, 2_000], [2_000], []]);
  assert.deepEqual([within(0, 1_001), within(0, 1_000), within(-5, 0)], [[1_000, 2_000], [1_000], []]);
});

test('what is told after the end of a span was reached does not count, however its length was rounded', () => {
  const { entries } = trialOf(told(1_000, 1_000), told(1_999, 1_000));
  assert.deepEqual(
    pressureWithin(entries, 0, 1_000).map(({ monoMs }) => monoMs),
    [1_000],
  );
});

test('a mean weighs each second for which the figure is known, and says how many these are', () => {
  const { entries } = trialOf(
    told(1_000, 1_000, { othersShare: 0.2 }),
    told(4_000, 3_000, { othersShare: 0.6 }),
    told(9_000, 5_000),
  );
  const mean = meanPressure(pressureWithin(entries), ({ othersShare }) => othersShare);
  assert.deepEqual([mean?.overMs, mean?.mean.toFixed(3)], [4_000, '0.500']);
  assert.equal(
    meanPressure(pressureWithin(entries, 4_000), ({ othersShare }) => othersShare),
    undefined,
  );
  assert.equal(
    meanPressure([], () => 1),
    undefined,
  );
});

test('others took what they had while no processor was idle, all of it where nobody says when that was', () => {
  const share = (more: Pressure) => takenShare(pressureWithin(trialOf(told(1_000, 1_000, more)).entries)[0]!);
  assert.equal(share({ othersShare: 0.5, noneIdleShare: 0.5 }), 0.25);
  assert.equal(share({ othersShare: 0.5 }), 0.5);
  assert.equal(share({ noneIdleShare: 0.5 }), undefined);
});
