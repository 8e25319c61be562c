import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entriesOf, type Entry } from '../core/journal/journal.ts';
import type { Finding } from '../core/verdict.ts';
import { findingOf, judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  synthesise,
  withEntries,
  type Story,
} from './testing/synthetic-trial.ts';

function claimOf(entries: readonly Entry[]): Finding {
  const finding = judge(entries).findings.find((one) => one.claimId === 'c1');
  assert.ok(finding);
  return finding;
}

function expectFinding(story: Story | readonly Entry[], outcome: string, reason: RegExp): void {
  const entries = Array.isArray(story) ? (story as Entry[]) : synthesise(story as Story);
  const finding = claimOf(entries);
  assert.equal(finding.outcome, outcome, finding.reason);
  assert.match(finding.reason, reason);
}

/** A trial whose claim asks this query, and is answered with these facts besides. */
function asked(query: string, facts: object = {}, story: Story = {}): Entry[] {
  return mapEntries(synthesise(story), (entry) => {
    if (entry.kind === 'slo.claim') return { ...entry, query };
    return entry.kind === 'promql.series' ? { ...entry, query, ...facts } : entry;
  });
}

/** A trial whose fault is shown to have taken effect so much later than it did. */
function provenLater(sinceMs: number, story: Story): Entry[] {
  const entries = synthesise(story);
  const later = entriesOf(entries, 'fault.effective').map((effect) => ({
    ...effect,
    atMs: effect.monoMs + sinceMs,
    effectiveMonoMs: effect.effectiveMonoMs + sinceMs,
    effectiveWallMs: effect.effectiveWallMs + sinceMs,
  }));
  return withEntries(
    entries.filter(({ kind }) => kind !== 'fault.effective'),
    later,
  );
}

describe('recover within 10 s', () => {
  it('is held when probe and PromQL agree on less', () => {
    expectFinding({}, 'held', /3\.9/);
  });

  it('is violated when users were restored later', () => {
    expectFinding(
      { outages: [[100, 20_000]] },
      'violated',
      /restored 20\.03 s \(19\.97 to 20\.04\) after node\.power-off took effect; allowed 10 s/,
    );
  });

  it('is violated, not unknown, when users never came back: a censored time is never dropped', () => {
    const story = { outages: [[100, 1e9]] as const, watchedForMs: 60_000 };
    expectFinding(story, 'violated', /not recovered within 60 s .* allowed 10 s/);
    assert.equal(judge(synthesise(story)).recovery.kind, 'censored');
  });

  it('is held with a recovery of 0 when a proven fault hurt nobody', () => {
    const entries = synthesise({ outages: [] });
    expectFinding(entries, 'held', /no user impact/);
    assert.equal(judge(entries).recovery.kind, 'no-impact');
  });

  it('counts a second outage within stableFor as the same one', () => {
    expectFinding(
      {
        outages: [
          [100, 3_000],
          [7_000, 12_000],
        ],
      },
      'violated',
      /12\.03 s \(11\.97 to 12\.16\)/,
    );
  });

  it('is inconclusive when users were restored for stableFor and are out again at the limit', () => {
    const outages = [
      [100, 600],
      [8_000, 20_000],
    ] as const;
    const claim = { judgedBy: 'probe' } as const;
    expectFinding(
      { outages, claim },
      'inconclusive',
      /stayed there for 5 s, and were outside of it again when the 10 s/,
    );
    // A shorter limit holds, and a longer one may not make the verdict worse.
    expectFinding(
      { outages, claim: { ...claim, withinMs: 6_500 } },
      'held',
      /left the bound again 8(\.\d+)? s after/,
    );
  });

  it('is inconclusive when nobody knows whether they were restored for stableFor before the limit', () => {
    const outages = [
      [100, 600],
      [8_000, 20_000],
    ] as const;
    const holed = mapEntries(synthesise({ outages, claim: { judgedBy: 'probe' } }), (entry) =>
      entry.kind === 'probe.sample' && Math.abs(entry.dueMonoMs - EFFECTIVE_MS - 2_300) < 300
        ? undefined
        : entry,
    );
    expectFinding(
      holed,
      'inconclusive',
      /^users were not restored within 10 s of node\.power-off, and it is not known whether they would have been within 2\.5 s: .*gap/,
    );
  });

  it('tells of a relapse after stableFor without moving the moment', () => {
    expectFinding(
      {
        outages: [
          [100, 3_000],
          [20_000, 21_000],
        ],
      },
      'held',
      /left the bound again 20(\.\d)? s after/,
    );
  });

  it('leaves the trial inconclusive when users are hit later than the claim asks, while the fault lasts', () => {
    const late = judge(synthesise({ outages: [[12_400, 30_000]] }));
    assert.equal(late.outcome, 'inconclusive');
    assert.match(
      late.reason,
      /hurt users only 12\.\d+ s after it took effect, later than the 10 s of the claim/,
    );
    // By then the fault was undone: whatever hurt them was not it.
    assert.equal(judge(synthesise({ outages: [[39_200, 40_000]] })).outcome, 'held');
  });

  it('is violated by an impact that comes late', () => {
    expectFinding({ outages: [[9_500, 13_000]] }, 'violated', /13\.03 s \(12\.97 to 13\.04\)/);
  });

  it('is decided by the bracket that is printed, not by a clock that leaves less open', () => {
    // A third of the requests fails until 9.7 s, and PromQL, which sees the same, is good from 9.98 s on.
    const story = (withinMs: number): Story => ({
      outages: [[100, 9_700]],
      failing: (index) => index % 3 === 0,
      promValue: (sinceMs) => (sinceMs > 0 && sinceMs < 9_500 ? 0.6 : 1),
      claim: { withinMs },
    });
    const printed = /9\.63 s \(9\.57 to 10\.04\)/;
    expectFinding(story(9_500), 'violated', printed);
    expectFinding(
      story(10_000),
      'inconclusive',
      /too close to call: recovery took 9\.63 s \(9\.57 to 10\.04\)/,
    );
    expectFinding(story(10_100), 'held', printed);
  });

  it('is not violated by PromQL alone where the probe was blind', () => {
    const blind = mapEntries(
      synthesise({
        outages: [[100, 4_000]],
        promValue: (sinceMs) => (sinceMs > 0 && sinceMs < 19_000 ? 0 : 1),
      }),
      (entry) =>
        entry.kind === 'probe.sample' && Math.abs(entry.dueMonoMs - EFFECTIVE_MS - 10_000) < 5_500
          ? undefined
          : entry,
    );
    expectFinding(blind, 'inconclusive', /probe: the probe has a gap/);
  });

  it('is counted from the impact when the effect was proven later', () => {
    const proven = (sinceMs: number, story: Story): Entry[] =>
      provenLater(sinceMs, { ...story, claim: { judgedBy: 'probe' } });
    const late = /counted from the first failure, .* before the effect was proven/;
    expectFinding(proven(12_000, { outages: [[100, 15_000]] }), 'violated', late);
    expectFinding(proven(16_000, { outages: [[100, 15_000]] }), 'violated', late);
    expectFinding(proven(2_000, {}), 'held', late);
    expectFinding(proven(0, {}), 'held', /allowed 10 s$/);
  });

  it('is counted from the impact by PromQL, too, where the probe saw that', () => {
    const story = { outages: [[100, 15_000]] } as const;
    expectFinding(
      provenLater(2_000, story),
      'violated',
      /restored 14\.9\d s .*counted from the first failure, 1\.\d+ s before/,
    );
    expectFinding(
      provenLater(2_000, { ...story, claim: { withinMs: 20_000 } }),
      'held',
      /14\.9\d s .* \(probe\), between .* and 1\d(\.\d+)? s \(PromQL\)/,
    );
  });

  it('has the figures of the clock that is printed, and what was allowed', () => {
    const figures = (story: Story) => {
      const { measured, allowed, unit } = claimOf(synthesise(story));
      return [measured === undefined ? undefined : Math.round(measured / 100) * 100, allowed, unit];
    };
    assert.deepEqual(figures({}), [3_900, 10_000, 'ms']);
    assert.deepEqual(figures({ outages: [[100, 20_000]] }), [20_000, 10_000, 'ms']);
    assert.deepEqual(figures({ outages: [] }), [0, 10_000, 'ms']);
    assert.deepEqual(figures({ outages: [[100, 1e9]] }), [undefined, 10_000, 'ms']);
    assert.deepEqual(figures({ outages: [[100, 10_000]] }), [10_000, 10_000, 'ms']);
    // PromQL knows no more than that they were back by then.
    assert.deepEqual(figures({ claim: { judgedBy: 'promql' } }), [9_000, 10_000, 'ms']);
  });

  it('is violated where the limit lies below the bracket, held where it lies above, and neither at its ends', () => {
    const { recovery } = judge(synthesise());
    assert.ok(recovery.kind === 'measured');
    const limited = (withinMs: number) =>
      claimOf(synthesise({ claim: { withinMs, judgedBy: 'probe' } })).outcome;
    assert.deepEqual([limited(recovery.lowMs - 1), limited(recovery.lowMs)], ['violated', 'inconclusive']);
    assert.deepEqual([limited(recovery.highMs - 1), limited(recovery.highMs)], ['inconclusive', 'held']);
  });

  it('is not violated by the one clock that says so while the other says the opposite', () => {
    const good = (sinceMs: number): number => (sinceMs > 0 && sinceMs < 3_000 ? 0.5 : 1);
    expectFinding({ outages: [[100, 20_000]], promValue: good }, 'inconclusive', /the clocks disagree/);
    const bad = (sinceMs: number): number => (sinceMs > 0 && sinceMs < 20_000 ? 0.5 : 1);
    expectFinding({ promValue: bad }, 'inconclusive', /the clocks disagree/);
  });

  it('is inconclusive when PromQL alone saw users hurt before the effect was proven', () => {
    const early = mapEntries(
      synthesise({ outages: [[-12_000, -9_000]], claim: { judgedBy: 'promql' } }),
      (entry) => (entry.kind === 'fault.requested' ? { ...entry, wallMs: entry.wallMs - 12_500 } : entry),
    );
    expectFinding(early, 'inconclusive', /left its bound before the fault was shown to take effect/);
  });

  it('is inconclusive when users came back only with the undo of a fault that lasts', () => {
    const undone = (by: 'trial' | 'expiry', durationMs?: number): Entry[] => {
      const entries = mapEntries(synthesise({ outages: [[100, 3_900]] }), (entry) => {
        if (entry.kind === 'fault.reverted') return { ...entry, by, monoMs: EFFECTIVE_MS + 3_500 };
        if (entry.kind !== 'fault.requested' || durationMs === undefined) return entry;
        return { ...entry, fault: { ...entry.fault, durationMs } };
      });
      return withEntries(entries, []);
    };
    expectFinding(
      undone('trial'),
      'inconclusive',
      /undone by the trial after 3\.5 s, and nobody was seen to recover/,
    );
    const toProbe = mapEntries(undone('trial'), (entry) =>
      entry.kind === 'promql.series'
        ? { ...entry, points: entry.points.map(([wallMs]) => [wallMs, 1] as const) }
        : entry,
    );
    expectFinding(toProbe, 'inconclusive', /undone by the trial after 3\.5 s/);
    expectFinding(undone('expiry', 3_500), 'held', /came back when the fault itself had ended, after 3\.5 s/);
    expectFinding({}, 'held', /allowed 10 s$/);
  });

  it('is not answered by what was asked under the same name', () => {
    const query = 'sum(rate(other_total[4s]))';
    const entries = mapEntries(synthesise(), (entry) =>
      entry.kind === 'promql.series' ? { ...entry, query } : entry,
    );
    expectFinding(entries, 'inconclusive', /answers to another question/);
  });

  it('is not judged by a recorded series whose rule was not read, and by one within the range of its rule', () => {
    const record = 'slo:good:ratio_rate5m';
    const smooth = { promValue: (sinceMs: number) => (sinceMs > 100 && sinceMs < 20_000 ? 0.5 : 1) };
    const unread = asked(record, { windowMs: 0 }, smooth);
    expectFinding(unread, 'inconclusive', /PromQL: slo:good:ratio_rate5m is recorded by a rule/);
    const alone = asked(record, { windowMs: 0 }, { ...smooth, claim: { judgedBy: 'promql' } });
    expectFinding(alone, 'inconclusive', /recorded by a rule/);

    const rule = (range: string): object => ({
      rules: [{ record, query: `sum(rate(good[${range}])) / sum(rate(all[${range}]))`, intervalMs: 1_000 }],
    });
    const wide = asked(
      record,
      { ...rule('5m'), windowMs: 301_000 },
      { claim: { judgedBy: 'promql' }, ...smooth },
    );
    expectFinding(wide, 'inconclusive', /too close to call/);
    expectFinding(asked(record, { ...rule('4s'), windowMs: 5_000 }), 'held', /PromQL/);
  });

  it('is not judged by a query that has a good value without any series', () => {
    expectFinding(
      asked('min(up) or vector(1)'),
      'inconclusive',
      /PromQL: when no series is there, the value is 1/,
    );
    expectFinding(asked('min(up) or vector(0)'), 'held', /PromQL/);
  });

  it('is not judged by the probe where its bound is no share of good requests', () => {
    for (const bound of [{ atMost: 0.25 }, { atMost: 0.05 }, { atLeast: 3 }]) {
      const story = { outages: [], promValue: () => 0, claim: { bound, judgedBy: 'probe' } } as const;
      expectFinding(story, 'inconclusive', /probe: its bound is no share of good requests/);
    }
    const latency = { promValue: () => 0.1, claim: { bound: { atMost: 0.25 }, judgedBy: 'promql' } } as const;
    expectFinding(latency, 'held', /PromQL/);
  });

  it('is inconclusive when the limit lies within the error', () => {
    expectFinding({ outages: [[100, 10_000]] }, 'inconclusive', /too close to call/);
  });

  it('is inconclusive when the clocks disagree, and says which is off and by how much', () => {
    const blind = (sinceMs: number): number => (sinceMs > 0 && sinceMs < 1_500 ? 0.5 : 1);
    expectFinding(
      { outages: [[100, 8_000]], promValue: blind },
      'inconclusive',
      /clocks disagree: users were restored between .* by the probe, .* by PromQL, which is .* too early/,
    );
    const slow = (sinceMs: number): number => (sinceMs > 100 && sinceMs < 25_000 ? 0.5 : 1);
    expectFinding({ promValue: slow }, 'inconclusive', /PromQL, which is .* too late/);
  });

  it('says of clocks that disagree what each saw, and by how much they miss each other', () => {
    const disagree = (outMs: number, promMs: number): string =>
      claimOf(
        synthesise({
          outages: [[100, outMs]],
          promValue: (sinceMs) => (sinceMs > 100 && sinceMs < promMs ? 0.5 : 1),
          watchedForMs: 60_000,
          claim: { withinMs: 30_000 },
        }),
      ).reason;
    assert.match(disagree(8_000, 1_500), /between 0 ms and 1\.98 s by PromQL, which is 6 s too early$/);
    assert.match(disagree(3_900, 25_000), /between 20 s and 26 s by PromQL, which is 16(\.\d)? s too late$/);
    assert.match(disagree(3_900, 1e9), /later than 55 s by PromQL, which is 51(\.\d)? s too late$/);
  });

  it('puts down to the fault what PromQL shows from its effect on, and doubts what it shows before', () => {
    const bad = (atMs: number, sinceMs: number) =>
      provenLater(sinceMs, {
        outages: [],
        promValue: (pointMs) => (Math.abs(pointMs - atMs) < 500 ? 0.5 : 1),
        claim: { judgedBy: 'promql' },
      });
    expectFinding(bad(980, 979), 'held', /PromQL/);
    expectFinding(bad(980, 980), 'inconclusive', /left its bound before the fault was shown to take effect/);
    // The fault was asked for at that very instant.
    expectFinding(bad(-20, 0), 'inconclusive', /outside its bound before the fault: 0\.5/);
  });

  it('is doubted for a problem of Prometheus at any time that is still open', () => {
    const open = synthesise({ outages: [[100, 1e9]], claim: { judgedBy: 'promql', withinMs: 60_000 } });
    const stale = mapEntries(open, (entry) =>
      entry.kind === 'promql.series' &&
      entry.endWallMs - entry.startWallMs >= 0 &&
      entry.monoMs > EFFECTIVE_MS + 39_000
        ? { ...entry, problem: { name: 'stale', message: 'told no more' } }
        : entry,
    );
    expectFinding(open, 'inconclusive', /PromQL: still outside its bound/);
    expectFinding(stale, 'inconclusive', /PromQL: stale: told no more/);
  });

  it('is violated when both clocks say so, whatever else they say', () => {
    const worse = (sinceMs: number): number => (sinceMs > 100 && sinceMs < 38_000 ? 0.5 : 1);
    expectFinding(
      { outages: [[100, 20_000]], promValue: worse },
      'violated',
      /20\.03 s \(19\.97 to 20\.04\)/,
    );
  });

  it('is inconclusive when PromQL was never answered', () => {
    const entries = mapEntries(synthesise(), (entry) => (entry.kind === 'promql.series' ? undefined : entry));
    expectFinding(entries, 'inconclusive', /PromQL: its query was never answered/);
  });

  it('is held by the probe alone when the claim asks for that', () => {
    const entries = mapEntries(synthesise({ claim: { judgedBy: 'probe', withinMs: 5_000 } }), (entry) =>
      entry.kind === 'promql.series' ? undefined : entry,
    );
    expectFinding(entries, 'held', /3\.9/);
  });

  it('is violated by PromQL alone when the claim asks for that, at least by how late it knows', () => {
    expectFinding(
      { outages: [[100, 20_000]], claim: { judgedBy: 'promql' } },
      'violated',
      /^users were not recovered 1\d(\.\d+)? s after node\.power-off took effect; allowed 10 s$/,
    );
  });

  it('is not asked of a clock that the claim does not name', () => {
    const bad = { promValue: (sinceMs: number) => (sinceMs > 0 ? 0.5 : 1) };
    expectFinding({ ...bad, claim: { judgedBy: 'probe' } }, 'held', /\(probe\); allowed 10 s$/);
    const good = { outages: [[100, 20_000]] as const, promValue: () => 1 };
    expectFinding({ ...good, claim: { judgedBy: 'promql' } }, 'held', /\(PromQL\); allowed 10 s$/);
  });

  it('is judged by PromQL alone when the claim asks for that', () => {
    const entries = mapEntries(synthesise({ claim: { judgedBy: 'promql' } }), (entry) =>
      entry.kind === 'probe.sample' ? undefined : entry,
    );
    expectFinding(entries, 'held', /between .* and .* \(PromQL\)/);
  });

  it('is inconclusive when the trial ends before stableFor has passed', () => {
    expectFinding({ watchedForMs: 6_000 }, 'inconclusive', /watched for 2050 of 6070 ms/);
  });

  it('is inconclusive when users were hurt before the fault', () => {
    expectFinding({ outages: [[-2_000, 3_000]] }, 'inconclusive', /before the fault was injected/);
  });

  it('is inconclusive when the probe sent nothing', () => {
    const entries = mapEntries(synthesise(), (entry) => (entry.kind === 'probe.sample' ? undefined : entry));
    expectFinding(entries, 'inconclusive', /the probe sent no request/);
  });

  it('is inconclusive when requests are missing from the time that has to be stable', () => {
    const entries = mapEntries(synthesise(), (entry) =>
      entry.kind === 'probe.sample' && entry.probeSeq > 300 && entry.probeSeq < 308 ? undefined : entry,
    );
    expectFinding(entries, 'inconclusive', /gap of \d+ ms: 7 requests are missing after number 300/);
  });

  it('is held when requests are missing where it does not matter', () => {
    const entries = mapEntries(synthesise(), (entry) =>
      entry.kind === 'probe.sample' && entry.probeSeq > 220 && entry.probeSeq < 250 ? undefined : entry,
    );
    expectFinding(entries, 'held', /3\.9/);
  });

  it('is inconclusive when the probe reports a gap', () => {
    const gap = at(EFFECTIVE_MS + 9_000, {
      kind: 'probe.gap',
      target: 'storefront',
      fromSeq: 1,
      toSeq: 2,
      fromMonoMs: EFFECTIVE_MS + 6_000,
      toMonoMs: EFFECTIVE_MS + 6_500,
      reason: 'the ring was overwritten',
    });
    expectFinding(
      withEntries(synthesise(), [gap]),
      'inconclusive',
      /gap of \d+ ms: the ring was overwritten/,
    );
  });

  it('is violated in spite of a gap, when what was seen is enough', () => {
    const gap = at(EFFECTIVE_MS + 3_000, {
      kind: 'probe.gap',
      target: 'storefront',
      fromSeq: 1,
      toSeq: 2,
      fromMonoMs: EFFECTIVE_MS + 2_000,
      toMonoMs: EFFECTIVE_MS + 2_500,
      reason: 'lost',
    });
    expectFinding(withEntries(synthesise({ outages: [[100, 20_000]] }), [gap]), 'violated', /allowed 10 s/);
  });

  it('is inconclusive when the fault did not bite', () => {
    const entries = mapEntries(synthesise(), (entry) =>
      entry.kind === 'fault.effective' ? undefined : entry,
    );
    expectFinding(entries, 'inconclusive', /was not shown to take effect/);
  });
});

describe('every problem of Prometheus makes the claim inconclusive with its own message', () => {
  const names = [
    'no-data',
    'absent-series',
    'stale',
    'nan',
    'scrape-gap',
    'counter-reset',
    'several-series',
    'target-down',
    'prometheus-restarted',
    'prometheus-unreachable',
    'partial-answer',
    'query-error',
    'rule-unknown',
  ] as const;
  for (const name of names) {
    it(name, () => {
      const entries = mapEntries(synthesise(), (entry) =>
        entry.kind === 'promql.series' &&
        entry.monoMs > EFFECTIVE_MS + 2_000 &&
        entry.monoMs < EFFECTIVE_MS + 4_000
          ? { ...entry, problem: { name, message: `message of ${name}` } }
          : entry,
      );
      expectFinding(entries, 'inconclusive', new RegExp(`PromQL: ${name}: message of ${name}`));
    });
  }

  it('but not when it was long over', () => {
    const entries = mapEntries(synthesise(), (entry) =>
      entry.kind === 'promql.series' && entry.monoMs > EFFECTIVE_MS + 30_000
        ? { ...entry, problem: { name: 'stale', message: 'later' } }
        : entry,
    );
    expectFinding(entries, 'held', /./);
  });

  it('and a moment without a value is one', () => {
    const hole = (sinceMs: number): number | null => (sinceMs > 3_000 && sinceMs < 4_000 ? null : 1);
    expectFinding({ outages: [], promValue: hole }, 'inconclusive', /no value/);
  });
});

describe('while the trial runs', () => {
  const upTo = (entries: readonly Entry[], sinceMs: number): Entry[] =>
    entries.filter((entry) => entry.monoMs <= EFFECTIVE_MS + sinceMs);

  it('nothing is decided before stableFor has passed by both clocks', () => {
    const entries = synthesise();
    assert.equal(findingOf(upTo(entries, 8_000), 'c1', EFFECTIVE_MS + 8_000), undefined);
    assert.equal(findingOf(upTo(entries, 15_000), 'c1', EFFECTIVE_MS + 15_000)?.outcome, 'held');
  });

  it('a limit that has passed is decided without waiting for the end', () => {
    const entries = synthesise({ outages: [[100, 1e9]] });
    assert.equal(findingOf(upTo(entries, 9_000), 'c1', EFFECTIVE_MS + 9_000), undefined);
    assert.equal(findingOf(upTo(entries, 17_000), 'c1', EFFECTIVE_MS + 17_000)?.outcome, 'violated');
  });

  it('a silent observer does not keep it waiting for ever', () => {
    const entries = mapEntries(synthesise(), (entry) => (entry.kind === 'promql.series' ? undefined : entry));
    assert.equal(findingOf(upTo(entries, 20_000), 'c1', EFFECTIVE_MS + 20_000), undefined);
    assert.equal(findingOf(upTo(entries, 30_000), 'c1', EFFECTIVE_MS + 30_000)?.outcome, 'inconclusive');
  });

  it('a request under way may yet fail, so nothing after it is judged', () => {
    const entries = synthesise({ outages: [[100, 3_900]] });
    const pending = entries.find(
      (entry) => entry.kind === 'probe.sample' && entry.dueMonoMs > EFFECTIVE_MS + 8_700,
    );
    assert.ok(pending);
    const without = entries.filter((entry) => entry !== pending);
    const claim = { judgedBy: 'probe' } as const;
    const probeOnly = mapEntries(without, (entry) =>
      entry.kind === 'slo.claim' ? { ...entry, ...claim } : entry,
    );
    assert.equal(findingOf(upTo(probeOnly, 9_500), 'c1', EFFECTIVE_MS + 9_500), undefined);
  });

  it('what was decided stays decided when more comes', () => {
    for (const outages of [
      [[100, 3_900]],
      [[100, 20_000]],
      [
        [100, 3_000],
        [20_000, 30_000],
      ],
      [],
    ] as const) {
      const entries = synthesise({ outages });
      let decided: string | undefined;
      for (let sinceMs = 700; sinceMs <= 41_300; sinceMs += 700) {
        const finding = findingOf(upTo(entries, sinceMs), 'c1', EFFECTIVE_MS + sinceMs);
        if (decided !== undefined) assert.equal(finding?.outcome, decided, `at ${sinceMs}`);
        decided ??= finding?.outcome;
      }
      assert.equal(claimOf(entries).outcome, decided);
    }
  });

  it('a claim that the journal does not hold is inconclusive', () => {
    assert.equal(findingOf([], 'nope', 0)?.outcome, 'inconclusive');
  });
});

it('what an answer says of how far it looks back is no less than its query says', () => {
  const story: Story = { outages: [[100, 12_000]], claim: { judgedBy: 'promql' } };
  const told = mapEntries(synthesise(story), (entry) =>
    entry.kind === 'promql.series' ? { ...entry, windowMs: 0 } : entry,
  );
  assert.deepEqual(claimOf(told), claimOf(synthesise(story)));
});
