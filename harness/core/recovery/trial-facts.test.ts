import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryBody } from '../journal/journal.ts';
import { powerOff, trialOf, WALL_AHEAD_MS, type Told } from './testing/told-trial.ts';
import { allTargets, heardUntil, injectionOf, lagWithin, readTrial, wallOf } from './trial-facts.ts';

const note = (atMs: number): Told => [atMs, { kind: 'note', text: 'a note' }];
const lag = (atMs: number, lateMs: number): Told => [atMs, { kind: 'harness.lag', lateMs }];

test('a journal lasts from its first entry to its last, and an empty one not at all', () => {
  const { firstMonoMs, lastMonoMs } = trialOf(note(7), note(9), note(12));
  assert.deepEqual([firstMonoMs, lastMonoMs], [7, 12]);
  const empty = readTrial([]);
  assert.deepEqual([empty.firstMonoMs, empty.lastMonoMs, empty.injections], [0, 0, []]);
});

test('of a start the first counts, and of an end and an undoing the last word', () => {
  const started = (scenario: string): EntryBody => ({ kind: 'trial.started', scenario }) as EntryBody;
  const reverted = (observation: string): EntryBody => ({
    ...{ kind: 'fault.reverted', injectionId: 'i1', ok: true, observation, by: 'trial' },
  });
  const {
    started: first,
    ended,
    injections,
  } = trialOf(
    [0, started('a')],
    [1, started('b')],
    ...powerOff({ requestedMs: 10 }),
    [20, reverted('not yet')],
    [21, reverted('gone')],
    [30, { kind: 'trial.ended', how: 'failed' }],
    [31, { kind: 'trial.ended', how: 'finished' }],
  );
  assert.deepEqual([first?.scenario, ended?.how], ['a', 'finished']);
  assert.equal(injections[0]?.reverted?.observation, 'gone');
});

test('each fault has what was told of it, and is found by its name', () => {
  const facts = trialOf(
    ...powerOff({ id: 'a', requestedMs: 10, effectiveMs: 15, podsHit: 1 }),
    ...powerOff({ id: 'b', requestedMs: 20, podsHit: 3 }),
  );
  const [a, b] = facts.injections;
  assert.deepEqual([a?.id, a?.resolved?.podsHit, a?.effective?.effectiveMonoMs], ['a', 1, 15]);
  assert.deepEqual([b?.id, b?.resolved?.podsHit, b?.effective], ['b', 3, undefined]);
  assert.deepEqual([a?.requestedMonoMs, a?.requestedWallMs], [10, 10 + WALL_AHEAD_MS]);
  assert.equal(injectionOf(facts, 'b'), b);
  assert.equal(injectionOf(facts, 'c'), undefined);
  assert.equal(injectionOf(facts, undefined), undefined);
  assert.deepEqual(
    allTargets(facts).map(({ name }) => name),
    ['node-2', 'node-2'],
  );
});

test('what is heard until an instant ends with it, and is all where that is still to come', () => {
  const facts = trialOf(note(10), note(20), note(30));
  const heard = heardUntil(facts, 20, Infinity);
  assert.deepEqual([heard.entries.length, heard.lastMonoMs], [2, 20]);
  assert.equal(heardUntil(facts, 25, Infinity).lastMonoMs, 25);
  assert.equal(heardUntil(facts, 30, Infinity), facts);
  // Nothing was told since, which a run knows by its clock.
  assert.equal(heardUntil(facts, 40, 50).lastMonoMs, 40);
  assert.equal(heardUntil(facts, 40, 40), facts);
  assert.equal(heardUntil(facts, 25, 20).lastMonoMs, 25);
});

test('Unix time of an instant is that of the nearest entry before it, and of the first one before all', () => {
  const told = trialOf(note(10), note(20), note(30)).entries;
  const facts = readTrial(told.map((entry, at) => ({ ...entry, wallMs: entry.monoMs + 1_000 * (at + 1) })));
  assert.deepEqual(
    [5, 10, 19, 20, 99].map((monoMs) => wallOf(facts, monoMs) - monoMs),
    [1_000, 1_000, 1_000, 2_000, 3_000],
  );
  assert.ok(Number.isNaN(wallOf(readTrial([]), 5)));
});

test('a late timer covers the time by which it was late, and of several the worst counts', () => {
  const facts = trialOf(lag(1_000, 300), lag(2_000, 500), lag(3_000, 100));
  const within = (fromMs: number, toMs: number): number => lagWithin(facts, fromMs, toMs);
  assert.deepEqual(
    [within(0, 699), within(0, 700), within(1_000, 1_400), within(1_001, 1_499)],
    [0, 300, 300, 0],
  );
  assert.deepEqual([within(0, 9_000), within(2_500, 9_000), within(3_001, 9_000)], [500, 100, 0]);
});
