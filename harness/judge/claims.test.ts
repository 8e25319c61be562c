import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryBody, SloClaim } from '../core/journal/journal.ts';
import { findingOf, judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  synthesise,
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
