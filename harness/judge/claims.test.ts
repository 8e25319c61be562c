import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, SloClaim } from '../core/journal/journal.ts';
import { judge } from './judge.ts';
import { mapEntries, synthesise } from './testing/synthetic-trial.ts';

/** A flawless trial whose claim is as it was written, whatever the types say. */
function claiming(change: object): Entry[] {
  return mapEntries(synthesise(), (entry) =>
    entry.kind === 'slo.claim' ? { ...entry, ...(change as Partial<SloClaim>) } : entry,
  );
}

function expectDoubt(entries: readonly Entry[], reason: RegExp): void {
  const verdict = judge(entries);
  assert.equal(verdict.outcome, 'inconclusive', verdict.reason);
  assert.match(verdict.reason, reason);
}

test('a claim whose limit, bound or stableFor is no number is inconclusive, of whatever kind it is', () => {
  for (const claim of ['recover-within', 'capacity-within', 'hold-while', 'fire-within', 'resolve-within']) {
    expectDoubt(claiming({ claim, withinMs: null }), /limit is no finite number/);
    expectDoubt(claiming({ claim, stableForMs: null }), /"stableFor" is no finite number/);
    expectDoubt(claiming({ claim, bound: { atLeast: null } }), /bound is no finite number/);
    expectDoubt(claiming({ claim, bound: { atMost: null } }), /bound is no finite number/);
  }
});

test('a claim of a kind that nobody knows is inconclusive, also when an object has a member of that name', () => {
  for (const claim of ['constructor', 'toString', '__proto__', 'hold-forever'])
    expectDoubt(claiming({ claim }), /nobody knows how to judge a claim "/);
});
