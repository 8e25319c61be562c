import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../core/given.ts';
import type { Entry, EntryBody, SloClaim } from '../core/journal/journal.ts';
import { findingOf, judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  synthesise,
  type Timed,
  WALL_AHEAD_MS,
  withEntries,
} from './testing/synthetic-trial.ts';

/** A flawless trial whose claim is as it was written, whatever the types say. */
function claiming(change: object): Entry[] {
  return mapEntries(synthesise(), (entry) =>
    entry.kind === 'slo.claim' ? { ...entry, ...(change as Partial<SloClaim>) } : entry,
  );
}

const KINDS = [
  ...(['recover-within', 'capacity-within', 'hold-while', 'fire-within', 'resolve-within'] as const),
  ...(['stay-silent', 'fenced-first', 'assertion'] as const),
];

/** What a run knows by then. */
const findingAt = (entries: readonly Entry[], sinceMs: number) =>
  findingOf(
    entries.filter(({ monoMs }) => monoMs <= EFFECTIVE_MS + sinceMs),
    'c1',
    EFFECTIVE_MS + sinceMs,
  );

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

test('no check crashes on a journal that lacks some kind of entry, while the trial runs and after it', () => {
  const kinds = new Set(synthesise().map(({ kind }) => kind));
  for (const claim of KINDS)
    for (const story of [{}, { outages: [] }]) {
      const entries = synthesise({ ...story, periodMs: 200, claim: { claim } });
      for (const kind of kinds) {
        if (kind === 'slo.claim') continue;
        const rest = mapEntries(entries, (entry) => (entry.kind === kind ? undefined : entry));
        for (const finding of [findingOf(rest, 'c1', Infinity), findingAt(rest, 12_000)])
          assert.doesNotMatch(finding?.reason ?? '', /crashed|undefined|NaN/, `${claim} without ${kind}`);
      }
    }
});

test('plain assertions hold once the scenario got through them, and are broken by the first that fails', () => {
  const failing = (...messages: string[]): Entry[] =>
    withEntries(
      synthesise({ claim: { claim: 'assertion' } }),
      messages.map((message, n) => at(EFFECTIVE_MS + 9_000 + n, { kind: 'assertion.failed', message })),
    );
  const ended = (how: 'failed' | undefined): Entry[] =>
    mapEntries(failing(), (entry) =>
      entry.kind !== 'trial.ended' ? entry : how === undefined ? undefined : { ...entry, how },
    );
  assert.equal(findingAt(failing(), 12_000), undefined);
  assert.equal(findingAt(failing(), 60_000)?.outcome, 'held');
  const broken = findingAt(failing('expected 6, received 5', 'later'), 12_000);
  assert.deepEqual([broken?.outcome, broken?.reason], ['violated', 'expected 6, received 5']);
  for (const how of ['failed', undefined] as const)
    expectDoubt(ended(how), /did not get through its assertions/);
});

test('what comes when a run would have given up waiting changes no outcome', () => {
  const entries = synthesise();
  const asked = entries.find((entry) => entry.kind === 'promql.series');
  assert.ok(asked);
  const points = Array.from(
    { length: 12 },
    (_, s) => [EFFECTIVE_MS + s * 1_000 + WALL_AHEAD_MS, 0.5] as const,
  );
  const corrected = (sinceMs: number): Entry[] =>
    withEntries(entries, [at(EFFECTIVE_MS + sinceMs, { ...(asked as EntryBody), points } as EntryBody)]);
  assert.equal(judge(corrected(20_000)).outcome, 'inconclusive');
  assert.equal(judge(corrected(38_000)).outcome, 'held');
});

test('a violation waits for what is told of the machine up to the limit, and for 7 s at most', () => {
  const told = (untilMs: number): Entry[] =>
    withEntries(
      synthesise({ outages: [[100, 1e9]], claim: { judgedBy: 'probe' } }),
      Array.from({ length: untilMs / 1_000 + 1 }, (_, s) =>
        at(EFFECTIVE_MS + s * 1_000, {
          ...{ kind: 'host.pressure', overMs: 1_000, runnablePerCore: 0.8, stolenShare: 0 },
          ...{ idleShare: 0.7, noneIdleShare: 0, othersShare: 0.05, stalledShares: { cpu: 0.3 } },
        }),
      ),
    );
  assert.equal(findingAt(told(10_000), 12_500)?.outcome, 'violated');
  assert.equal(findingAt(told(9_000), 12_500), undefined);
  assert.equal(findingAt(told(9_000), 16_900), undefined);
  assert.equal(findingAt(told(9_000), 17_000)?.outcome, 'violated');
  assert.equal(judge(told(9_000)).outcome, 'violated');
});

test('a claim waits for its fault to take effect, and doubts once it is told that it did not', () => {
  const told = at(EFFECTIVE_MS + 9_000, {
    ...{ kind: 'fault.ineffective', injectionId: 'i1', waitedMs: 9_000, lastSeen: 'node-2 runs' },
  });
  for (const claim of KINDS.filter((kind) => !['fenced-first', 'assertion'].includes(kind))) {
    const unproven = mapEntries(synthesise({ claim: { claim, sloId: 'NodeSilent' } }), (entry) =>
      entry.kind === 'fault.effective' ? undefined : entry,
    );
    assert.equal(findingAt(unproven, 8_000), undefined, claim);
    const finding = findingAt(withEntries(unproven, [told]), 9_000);
    assert.equal(finding?.outcome, 'inconclusive', claim);
    assert.match(finding.reason, /node\.power-off was not shown to take effect/, claim);
  }
});

test('a claim without a limit, or without a fault, says what it lacks', () => {
  for (const claim of ['recover-within', 'capacity-within', 'fire-within', 'resolve-within'] as const) {
    const entries = synthesise({ claim: { claim, sloId: 'NodeSilent' } });
    const unlimited = mapEntries(entries, (entry) =>
      entry.kind === 'slo.claim' ? given({ ...entry, withinMs: undefined }) : entry,
    );
    expectDoubt(unlimited, /the claim has no time limit/);
  }
  for (const claim of ['recover-within', 'capacity-within'] as const) {
    const faultless = mapEntries(synthesise({ claim: { claim } }), (entry) => {
      if (entry.kind.startsWith('fault.')) return undefined;
      return entry.kind === 'slo.claim' ? given({ ...entry, injectionId: undefined }) : entry;
    });
    expectDoubt(faultless, /no fault was injected to recover from/);
  }
});

test('a run gives up waiting for what a silent observer could still tell, and no sooner', () => {
  const lost = (kind: Entry['kind'], sinceMs: number, claim: Partial<SloClaim>): Entry[] =>
    mapEntries(synthesise({ claim }), (entry) =>
      entry.kind === kind && entry.monoMs > EFFECTIVE_MS + sinceMs ? undefined : entry,
    );
  const hold = { claim: 'hold-while', withinMs: 20_000, bound: { atLeast: 0.01 } } as const;
  const cases: readonly (readonly [afterMs: number, entries: Entry[], reason: RegExp])[] = [
    // The limit, `stableFor` and 10 s; for PromQL its range and two scrapes besides.
    [25_000, lost('probe.sample', -Infinity, { judgedBy: 'probe' }), /the probe sent no request/],
    [25_000, lost('promql.series', -Infinity, { judgedBy: 'promql' }), /never answered/],
    [31_000, lost('promql.series', 6_000, { judgedBy: 'promql' }), /still outside its bound/],
    // The limit, the second of the probe, the range of the query and a scrape, and 10 s.
    [36_000, lost('promql.series', 6_000, { ...hold, judgedBy: 'promql' }), /not watched to the end/],
    [31_000, lost('promql.series', -Infinity, { ...hold, judgedBy: 'promql' }), /never answered/],
    // The limit, `stableFor`, and what it takes until blindness is told.
    [20_000, lost('capacity', 0, { claim: 'capacity-within', withinMs: 8_000 }), /never noticed the loss/],
  ];
  for (const [afterMs, entries, reason] of cases) {
    assert.equal(findingAt(entries, afterMs - 1), undefined, String(reason));
    const finding = findingAt(entries, afterMs);
    assert.equal(finding?.outcome, 'inconclusive');
    assert.match(finding.reason, reason);
  }
});

test('blindness that is told later than a run waits for it is not heard afterwards either', () => {
  const gap = (observer: string, toldMs: number): Timed => {
    const fromMonoMs = EFFECTIVE_MS + 4_000;
    const told = { fromMonoMs, toMonoMs: fromMonoMs + 500, reason: 'reset' };
    return at(EFFECTIVE_MS + toldMs, { kind: 'observer', observer, state: 'gap', ...told });
  };
  const cases = [
    ['alerts', 27_000, { claim: 'stay-silent', sloId: 'NodeSilent', withinMs: 20_000 }],
    ['watch:Pod', 20_000, { claim: 'capacity-within', withinMs: 8_000 }],
  ] as const;
  for (const [observer, untilMs, claim] of cases) {
    expectDoubt(withEntries(synthesise({ claim }), [gap(observer, untilMs)]), /has a gap: reset/);
    assert.equal(judge(withEntries(synthesise({ claim }), [gap(observer, untilMs + 1)])).outcome, 'held');
  }
});
