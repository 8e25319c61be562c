import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Entry } from '../core/journal/journal.ts';
import type { Outcome } from '../core/verdict.ts';
import { findingOf, judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  synthesise,
  withEntries,
  type Story,
} from './testing/synthetic-trial.ts';

const claim = { claim: 'capacity-within', sloId: 'capacity', query: '', withinMs: 8_000 } as const;

function expectFinding(entries: readonly Entry[], outcome: Outcome, reason: RegExp): void {
  const finding = judge(entries).findings.find((one) => one.claimId === 'c1');
  assert.ok(finding);
  assert.equal(finding.outcome, outcome, finding.reason);
  assert.match(finding.reason, reason);
}

it('replicas that are back in time and are lost again before they stayed count from when they were back for good', () => {
  const lost = (sinceMs: number, ready: number) =>
    at(EFFECTIVE_MS + sinceMs, { kind: 'capacity', selector: 'app=storefront', ready, wanted: 6 });
  const again = withEntries(synthesise({ claim }), [lost(9_000, 5), lost(12_000, 6)]);
  expectFinding(again, 'violated', /Ready again 12\.00 s .* allowed 8 s/);
});

describe('capacity within 8 s', () => {
  const cases: [string, Story, Outcome, RegExp][] = [
    [
      'held when all are Ready sooner',
      {},
      'held',
      /Ready again 5\.60 s \(5\.54 to 5\.66\) after node\.power-off took effect; allowed 8 s/,
    ],
    [
      'violated when they are later',
      { capacityAtMs: 20_000 },
      'violated',
      /Ready again 20\.00 s \(19\.94 to 20\.06\)/,
    ],
    [
      'violated when they never are',
      { capacityAtMs: Number.POSITIVE_INFINITY },
      'violated',
      /still missing 41\.2 s after/,
    ],
    [
      'inconclusive where the limit is the edge of the error',
      { capacityAtMs: 8_055 },
      'inconclusive',
      /too close/,
    ],
    ['inconclusive within the error', { capacityAtMs: 8_010 }, 'inconclusive', /too close to call/],
    [
      'inconclusive while the API has not noticed the loss',
      { lostFromMs: Number.POSITIVE_INFINITY, capacityAtMs: Number.POSITIVE_INFINITY },
      'inconclusive',
      /never noticed the loss of 2 replicas/,
    ],
    [
      'inconclusive when the trial was too short',
      { watchedForMs: 7_000 },
      'inconclusive',
      /not yet for long enough/,
    ],
  ];
  for (const [name, story, outcome, reason] of cases) {
    it(name, () => expectFinding(synthesise({ ...story, claim }), outcome, reason));
  }

  it('inconclusive when the watch was blind', () => {
    const gap = at(EFFECTIVE_MS + 4_000, {
      kind: 'observer',
      observer: 'watch:Pod',
      state: 'gap',
      reason: 'reset',
      fromMonoMs: EFFECTIVE_MS + 3_000,
      toMonoMs: EFFECTIVE_MS + 4_000,
    });
    expectFinding(withEntries(synthesise({ claim }), [gap]), 'inconclusive', /"watch:Pod" has a gap: reset/);
  });

  it('held when a fault takes no replica away', () => {
    const harmless = mapEntries(
      synthesise({ claim, lostFromMs: Number.POSITIVE_INFINITY, capacityAtMs: Number.POSITIVE_INFINITY }),
      (entry) => (entry.kind === 'fault.resolved' ? { ...entry, podsHit: 0 } : entry),
    );
    expectFinding(harmless, 'held', /no replica was lost/);
  });

  it('is not back when none is wanted any more', () => {
    const scaled = mapEntries(synthesise({ claim }), (entry) =>
      entry.kind === 'capacity' && entry.monoMs > EFFECTIVE_MS + 5_000
        ? { ...entry, ready: 0, wanted: 0 }
        : entry,
    );
    expectFinding(scaled, 'violated', /replicas were still missing/);
  });

  it('is decided once they have stayed so, and at the limit when they are not', () => {
    const upTo = (entries: readonly Entry[], sinceMs: number) =>
      findingOf(
        entries.filter((entry) => entry.monoMs <= EFFECTIVE_MS + sinceMs),
        'c1',
        EFFECTIVE_MS + sinceMs,
      );
    assert.equal(upTo(synthesise({ claim }), 10_000), undefined);
    assert.equal(upTo(synthesise({ claim }), 10_700)?.outcome, 'held');
    const late = synthesise({ claim, capacityAtMs: 30_000 });
    assert.equal(upTo(late, 15_000), undefined);
    assert.equal(upTo(late, 15_100)?.outcome, 'violated');
  });

  it('is held, doubted or violated as the limit lies to the bracket of when they were back', () => {
    const outcome = (capacityAtMs: number) =>
      judge(synthesise({ capacityAtMs, claim })).findings.find(({ claimId }) => claimId === 'c1')?.outcome;
    assert.deepEqual([outcome(7_940), outcome(7_946)], ['held', 'inconclusive']);
    assert.deepEqual([outcome(8_055), outcome(8_061)], ['inconclusive', 'violated']);
  });

  it('has the time that it took, where that is known, and what was allowed', () => {
    const figures = (story: Story) => {
      const finding = judge(synthesise({ ...story, claim })).findings.find(({ claimId }) => claimId === 'c1');
      return [finding?.measured, finding?.allowed, finding?.unit];
    };
    assert.deepEqual(figures({}), [5_600, 8_000, 'ms']);
    assert.deepEqual(figures({ capacityAtMs: 20_000 }), [20_000, 8_000, 'ms']);
    assert.deepEqual(figures({ capacityAtMs: 8_010 }), [8_010, 8_000, 'ms']);
    assert.deepEqual(figures({ capacityAtMs: Infinity }), [undefined, 8_000, 'ms']);
  });

  it('is not said of a trial that ended before the time in which none was to be lost', () => {
    const spared = (withinMs: number) =>
      mapEntries(
        synthesise({ claim: { ...claim, withinMs }, lostFromMs: Infinity, capacityAtMs: Infinity }),
        (entry) => (entry.kind === 'fault.resolved' ? { ...entry, podsHit: 0 } : entry),
      );
    expectFinding(spared(41_300), 'inconclusive', /the trial ended before the time allowed was over/);
    assert.match(
      judge(spared(41_200)).findings.find(({ claimId }) => claimId === 'c1')?.reason ?? '',
      /no replica was lost within 41\.2 s of node\.power-off/,
    );
  });

  it('rests on a watch from the request until they had stayed, and on no more', () => {
    const blindAt = (sinceMs: number) => {
      const told = { fromMonoMs: EFFECTIVE_MS + sinceMs, toMonoMs: EFFECTIVE_MS + sinceMs + 100 };
      const gap = {
        kind: 'observer',
        observer: 'watch:Pod',
        state: 'gap',
        reason: 'reset',
        ...told,
      } as const;
      const entries = withEntries(synthesise({ claim }), [at(EFFECTIVE_MS + sinceMs + 100, gap)]);
      return judge(entries).findings.find(({ claimId }) => claimId === 'c1')?.outcome;
    };
    assert.deepEqual([blindAt(-130), blindAt(-110)], ['held', 'inconclusive']);
    assert.deepEqual([blindAt(10_500), blindAt(10_700)], ['inconclusive', 'held']);
  });
});
