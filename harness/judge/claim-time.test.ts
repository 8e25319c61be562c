import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, SloClaim } from '../core/journal/journal.ts';
import { readTrial, type TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Claim } from './check.ts';
import { claimStart, injectionFor, isOver, knownUntil } from './claim-time.ts';
import { at, EFFECTIVE_MS, mapEntries, synthesise, withEntries } from './testing/synthetic-trial.ts';

const without = (...kinds: readonly Entry['kind'][]): Entry[] =>
  mapEntries(synthesise(), (entry) => (kinds.includes(entry.kind) ? undefined : entry));
const claimOf = (facts: TrialFacts, change: Partial<SloClaim> = {}): Claim => ({
  ...facts.claims[0]!,
  ...change,
});

test('the time of a claim begins with the effect of its fault, and with the claim where it names none', () => {
  const facts = readTrial(synthesise());
  assert.deepEqual(claimStart(facts, claimOf(facts)), { kind: 'known', monoMs: EFFECTIVE_MS });
  const { injectionId: named, ...free } = claimOf(facts);
  assert.equal(named, 'i1');
  assert.deepEqual(claimStart(facts, free), { kind: 'known', monoMs: EFFECTIVE_MS + 30 });
  assert.equal(injectionFor(facts, free), facts.injections[0]);
  assert.equal(injectionFor(facts, claimOf(facts, { injectionId: 'i9' })), undefined);
});

test('it is waited for while the fault may still take effect, and never comes where that is said, or over', () => {
  const start = (entries: readonly Entry[], change: Partial<SloClaim> = {}) => {
    const facts = readTrial(entries);
    const found = claimStart(facts, claimOf(facts, change));
    return found.kind === 'never' ? found.reason : found.kind;
  };
  const running = without('fault.effective', 'trial.ended');
  assert.equal(start(running), 'waiting');
  const told = { kind: 'fault.ineffective', injectionId: 'i1', waitedMs: 5_000, lastSeen: '' } as const;
  const never = 'node.power-off was not shown to take effect';
  assert.equal(start(withEntries(running, [at(EFFECTIVE_MS + 5_000, told)])), never);
  assert.equal(start(without('fault.effective')), never);
  assert.equal(start(running, { injectionId: 'i9' }), 'fault i9 was not shown to take effect');
});

test('a trial is over with its last entry, or when nothing more will come, and is known until then', () => {
  const ended = readTrial(synthesise());
  const running = readTrial(without('trial.ended'));
  const last = EFFECTIVE_MS + 41_200;
  assert.deepEqual([isOver(ended, 5), isOver(running, 5), isOver(running, Infinity)], [true, false, true]);
  assert.deepEqual(
    [knownUntil(ended, 5), knownUntil(running, 5), knownUntil(running, Infinity)],
    [last, 5, last - 100],
  );
});
