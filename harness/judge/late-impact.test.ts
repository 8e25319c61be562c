import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, SloClaim } from '../core/journal/journal.ts';
import { readTrial } from '../core/recovery/trial-facts.ts';
import { checkLateImpact } from './late-impact.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  synthesise,
  withEntries,
  type Story,
} from './testing/synthetic-trial.ts';

const said = (entries: readonly Entry[]) =>
  checkLateImpact.run(readTrial(entries)).map(({ reason }) => reason);
const hit = (fromMs: number, toMs: number, claim: Partial<SloClaim> = {}): Story => ({
  outages: [[fromMs, toMs]],
  claim: { judgedBy: 'probe', ...claim },
});

test('users who were hit after the limit, while the fault lasted, were hit late, and it is said when', () => {
  assert.match(
    said(synthesise(hit(14_000, 16_000))).join(),
    /^node\.power-off hurt users only 14 s after it took effect, later than the 10 s of the claim \(probe\)$/,
  );
  assert.deepEqual(said(synthesise(hit(2_000, 4_000))), []);
  assert.deepEqual(said(synthesise({ outages: [], claim: { judgedBy: 'probe' } })), []);
});

test('what PromQL shows later counts as well', () => {
  const shown = synthesise({
    outages: [],
    promValue: (sinceMs) => (sinceMs > 20_000 && sinceMs < 24_000 ? 0.5 : 1),
    claim: { judgedBy: 'promql' },
  });
  assert.match(said(shown).join(), /hurt users only later than the 10 s of the claim \(PromQL\)/);
});

test('it is asked of claims of recovery that have a limit, and a fault that took effect', () => {
  const story = (claim: Partial<SloClaim>): Entry[] => synthesise(hit(14_000, 16_000, claim));
  assert.deepEqual(said(story({ claim: 'hold-while' })), []);
  const unlimited = mapEntries(story({}), (entry) =>
    entry.kind === 'slo.claim' ? ({ ...entry, withinMs: null } as unknown as Entry) : entry,
  );
  assert.deepEqual(said(unlimited), []);
  for (const kind of ['fault.effective', 'fault.requested'])
    assert.deepEqual(said(mapEntries(story({}), (entry) => (entry.kind === kind ? undefined : entry))), []);
});

test('what comes after the undoing of the fault, or after the next fault, is not put down to it', () => {
  const entries = synthesise(hit(25_000, 27_000));
  assert.equal(said(entries).length, 1);
  const undone = mapEntries(entries, (entry) =>
    entry.kind === 'fault.reverted' ? { ...entry, monoMs: EFFECTIVE_MS + 20_000 } : entry,
  );
  assert.deepEqual(said(withEntries(undone, [])), []);
  const target = { kind: 'node', hosting: 'app=storefront', mode: 'one' } as const;
  const next = at(EFFECTIVE_MS + 20_000, {
    kind: 'fault.requested',
    injectionId: 'i2',
    fault: { kind: 'node.power-off', target },
  });
  assert.deepEqual(said(withEntries(entries, [next])), []);
  const later = { ...next, atMs: EFFECTIVE_MS + 30_000 };
  assert.equal(said(withEntries(entries, [later])).length, 1);
  // A fault that nobody undid lasts as long as the journal.
  assert.equal(
    said(mapEntries(entries, (entry) => (entry.kind === 'fault.reverted' ? undefined : entry))).length,
    1,
  );
});
