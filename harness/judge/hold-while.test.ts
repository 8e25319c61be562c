import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { given } from '../core/given.ts';
import type { Entry } from '../core/journal/journal.ts';
import type { Outcome } from '../core/verdict.ts';
import { findingOf, judge } from './judge.ts';
import { EFFECTIVE_MS, mapEntries, synthesise, withEntries, type Story } from './testing/synthetic-trial.ts';

function trial(story: Story = {}): Entry[] {
  return synthesise({
    outages: [],
    ...story,
    claim: { claim: 'hold-while', withinMs: 20_000, stableForMs: 0, ...story.claim },
  });
}

function expectFinding(entries: readonly Entry[], outcome: Outcome, reason: RegExp): void {
  const finding = judge(entries).findings.find((one) => one.claimId === 'c1');
  assert.ok(finding);
  assert.equal(finding.outcome, outcome, finding.reason);
  assert.match(finding.reason, reason);
}

describe('an objective that holds while a fault lasts', () => {
  it('is held when it never left its bound', () => {
    expectFinding(trial(), 'held', /stayed >= 0\.99 for 20 s/);
  });

  it('is violated when it did, by both clocks', () => {
    expectFinding(
      trial({ outages: [[5_000, 9_000]] }),
      'violated',
      /users left the bound 5(\.\d+)? s after .*\(probe\), available was/,
    );
  });

  it('is not violated by what happens after the fault', () => {
    expectFinding(trial({ outages: [[26_000, 30_000]] }), 'held', /stayed/);
  });

  it('of which the query learns after its end alone is not held by the query alone', () => {
    const outages = [[19_200, 22_000]] as const;
    const claim = { judgedBy: 'promql', bound: { atLeast: 0.6 } } as const;
    expectFinding(
      trial({ outages, claim }),
      'inconclusive',
      /left its bound .* may show what happened before/,
    );
    const later = [[24_000, 28_000]] as const;
    expectFinding(trial({ outages: later, claim }), 'held', /stayed/);
  });

  it('is not violated by a recorded series whose rule was not read: it may show what happened before', () => {
    const query = 'slo:good:ratio_rate5m';
    const recorded = mapEntries(
      trial({ outages: [[5_000, 9_000]], claim: { judgedBy: 'promql' } }),
      (entry) => (entry.kind === 'slo.claim' || entry.kind === 'promql.series' ? { ...entry, query } : entry),
    );
    expectFinding(recorded, 'inconclusive', /slo:good:ratio_rate5m is recorded by a rule/);
  });

  it('of which the query learns after its end is held where the probe saw that it was later', () => {
    const claim = { bound: { atLeast: 0.9 } };
    expectFinding(trial({ outages: [[20_100, 21_500]], claim }), 'held', /stayed/);
  });

  it('is not held by a query that was not watched for its range and a scrape after the end', () => {
    const cut = mapEntries(trial(), (entry) =>
      entry.kind === 'promql.series' && entry.monoMs > EFFECTIVE_MS + 22_000 ? undefined : entry,
    );
    expectFinding(cut, 'inconclusive', /PromQL: not watched to the end/);
  });

  it('is not decided by an outage that PromQL must show, which is longer than its range, a scrape and a step', () => {
    const outside = (ms: number) => trial({ outages: [[5_000, 5_000 + ms]], promValue: () => 1 });
    expectFinding(outside(5_100), 'violated', /users left the bound/);
    expectFinding(outside(5_150), 'inconclusive', /for 6\.05 s by the probe, and PromQL, .* more than 6 s/);
  });

  it('is violated by an outage too short for PromQL', () => {
    expectFinding(
      trial({ outages: [[5_000, 5_200]], promValue: () => 1 }),
      'violated',
      /users left the bound/,
    );
  });

  it('is inconclusive when PromQL missed an outage that it had to show', () => {
    expectFinding(
      trial({ outages: [[3_000, 15_000]], promValue: () => 1 }),
      'inconclusive',
      /clocks disagree/,
    );
  });

  it('is violated by PromQL alone: it sees more traffic than the probe', () => {
    const value = (sinceMs: number): number => (sinceMs > 5_000 && sinceMs < 7_000 ? 0.9 : 1);
    expectFinding(trial({ promValue: value }), 'violated', /available was 0\.9 .* bound >= 0\.99 \(PromQL\)/);
  });

  it('is inconclusive without an answer of PromQL, with a problem, or with a moment without a value', () => {
    const without = mapEntries(trial(), (entry) => (entry.kind === 'promql.series' ? undefined : entry));
    expectFinding(without, 'inconclusive', /never answered/);
    const stale = mapEntries(trial(), (entry) =>
      entry.kind === 'promql.series' && entry.monoMs > EFFECTIVE_MS + 9_000
        ? { ...entry, problem: { name: 'stale', message: 'told no more' } }
        : entry,
    );
    expectFinding(stale, 'inconclusive', /stale: told no more/);
    const holed = trial({ promValue: (sinceMs) => (sinceMs > 4_000 && sinceMs < 6_000 ? null : 1) });
    expectFinding(holed, 'inconclusive', /moments without a value/);
  });

  it('is inconclusive with missing requests, and without any', () => {
    const holed = mapEntries(trial(), (entry) =>
      entry.kind === 'probe.sample' && entry.probeSeq > 300 && entry.probeSeq < 310 ? undefined : entry,
    );
    expectFinding(holed, 'inconclusive', /9 requests are missing/);
    const none = mapEntries(trial(), (entry) => (entry.kind === 'probe.sample' ? undefined : entry));
    expectFinding(none, 'inconclusive', /no request/);
  });

  it('is inconclusive when the trial ended before the fault did', () => {
    expectFinding(trial({ claim: { withinMs: 90_000 } }), 'inconclusive', /not watched to the end/);
  });

  it('lasts until the fault is undone when nobody says for how long', () => {
    const open = mapEntries(trial(), (entry) => {
      if (entry.kind === 'fault.reverted') return { ...entry, monoMs: EFFECTIVE_MS + 30_000 };
      if (entry.kind !== 'slo.claim') return entry;
      const claim: { -readonly [K in keyof typeof entry]: (typeof entry)[K] } = { ...entry };
      delete claim.withinMs;
      return claim;
    });
    expectFinding(withEntries(open, []), 'held', /for 30 s/);
  });

  it("lasts for the fault's own time when nobody says for how long, and then until the scenario ends", () => {
    const lasting = (durationMs?: number): Entry[] =>
      mapEntries(trial(), (entry) => {
        if (entry.kind === 'fault.reverted' && durationMs === undefined) return undefined;
        if (entry.kind === 'fault.requested')
          return { ...entry, fault: given({ ...entry.fault, durationMs }) };
        return entry.kind === 'slo.claim' ? given({ ...entry, withinMs: undefined }) : entry;
      });
    expectFinding(lasting(12_000), 'held', /stayed >= 0\.99 for 12 s$/);
    // Nobody asks any more when the scenario ends, so that its last second is not known.
    expectFinding(
      lasting(),
      'inconclusive',
      /probe: not watched to the end of the fault; PromQL: not watched/,
    );
  });

  it('is broken by an outage that PromQL cannot see, and doubted by one that it had to show', () => {
    const unseen = (toMs: number): Entry[] => trial({ outages: [[3_000, toMs]], promValue: () => 1 });
    expectFinding(
      unseen(7_900),
      'violated',
      /users left the bound 3\.0\d s after the fault took effect \(probe\)$/,
    );
    expectFinding(
      unseen(8_200),
      'inconclusive',
      /outside the bound for 6\.\d+ s by the probe, and PromQL, which would show more than 6 s/,
    );
  });

  it('is not asked of a clock that the claim does not name', () => {
    expectFinding(
      trial({ promValue: (sinceMs) => (sinceMs > 0 ? 0.5 : 1), claim: { judgedBy: 'probe' } }),
      'held',
      /stayed/,
    );
    const outages = [[5_000, 9_000]] as const;
    expectFinding(trial({ outages, promValue: () => 1, claim: { judgedBy: 'promql' } }), 'held', /stayed/);
  });

  it('is doubted for what each clock lacks', () => {
    const blind = mapEntries(trial(), ({ kind, ...entry }) =>
      kind === 'probe.sample' || kind === 'promql.series' ? undefined : ({ kind, ...entry } as Entry),
    );
    expectFinding(
      blind,
      'inconclusive',
      /^probe: the probe sent no request; PromQL: its query was never answered$/,
    );
    const unbound = mapEntries(trial(), (entry) =>
      entry.kind === 'slo.claim' ? given({ ...entry, bound: undefined }) : entry,
    );
    expectFinding(
      unbound,
      'inconclusive',
      /^probe: its bound is no share .*; PromQL: the claim has no bound$/,
    );
  });

  it('counts what PromQL shows from the effect to the end of the fault, and tells the first of it', () => {
    const badAt = (sinceMs: number): Entry[] =>
      trial({
        promValue: (atMs) => (Math.abs(atMs - sinceMs) < 500 ? 0.9 : 1),
        claim: { judgedBy: 'promql' },
      });
    expectFinding(badAt(-20), 'held', /stayed/);
    expectFinding(
      badAt(980),
      'violated',
      /^available was 0\.9 980 ms after the fault took effect, bound >= 0\.99/,
    );
    expectFinding(badAt(19_980), 'violated', /0\.9 20 s after/);
    // The query looks back over 4 s and a scrape: it may have been before the end, and from then on it cannot.
    expectFinding(badAt(20_980), 'inconclusive', /left its bound 980 ms after the end of the fault/);
    expectFinding(badAt(25_980), 'held', /stayed/);
  });

  it('is decided at the end of the fault, and not before', () => {
    const entries = trial();
    const upTo = (sinceMs: number) =>
      findingOf(
        entries.filter((entry) => entry.monoMs <= EFFECTIVE_MS + sinceMs),
        'c1',
        EFFECTIVE_MS + sinceMs,
      );
    assert.equal(upTo(19_000), undefined);
    // The query looks back over 4 s, and learns of what happens with the next scrape.
    assert.equal(upTo(24_000), undefined);
    assert.equal(upTo(26_000)?.outcome, 'held');
  });
});
