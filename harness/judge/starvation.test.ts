import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../core/given.ts';
import type { Entry, EntryBody } from '../core/journal/journal.ts';
import { readTrial } from '../core/recovery/trial-facts.ts';
import { findingOf, judge } from './judge.ts';
import { lateProbes, starvation } from './starvation.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  synthesise,
  withEntries,
  type Story,
  type Timed,
} from './testing/synthetic-trial.ts';

const TOO_LONG: Story = { outages: [[100, 12_000]] };
const IDLE = {
  ...{ runnablePerCore: 0.8, stolenShare: 0, idleShare: 0.7, noneIdleShare: 0, othersShare: 0.05 },
  stalledShares: { cpu: 0.3 },
};
/** Whose the time was was not written yet. */
const OLD = { idleShare: undefined, noneIdleShare: undefined, othersShare: undefined };

type Pressure = Omit<Extract<EntryBody, { kind: 'host.pressure' }>, 'kind'>;
type Machine = { readonly [K in keyof Pressure]?: Pressure[K] | undefined };

/** A trial on a machine of which this is told every second between two instants, and that of an idle one otherwise. */
function on(machine: Machine, story: Story, fromS = 0, toS = 40): Entry[] {
  const told = Array.from({ length: 40 }, (_, second) => {
    const starved = second >= fromS && second < toS ? machine : {};
    const body = given({ kind: 'host.pressure', overMs: 1_000, ...IDLE, ...starved }) as EntryBody;
    return at(EFFECTIVE_MS + second * 1_000, body);
  });
  return withEntries(synthesise(story), told);
}

function crowdedSecond(second: number): Timed {
  return at(EFFECTIVE_MS + second * 1_000 + 1, { kind: 'host.pressure', overMs: 1_000, ...IDLE, ...CROWDED });
}

const CROWDED = { othersShare: 0.6, idleShare: 0, noneIdleShare: 1 };

test('what took too long on a machine of which others took too much is inconclusive, with the figure', () => {
  const busy = judge(on(CROWDED, TOO_LONG));
  assert.equal(busy.outcome, 'inconclusive');
  assert.match(
    busy.reason,
    /but the machine was starved: others took 60 % of its processors while none was idle over 1\d s, more than \d+ %/,
  );
});

test('it is too much above the share at which one recovery in twenty is another than on an idle machine', () => {
  assert.equal(judge(on({ ...CROWDED, othersShare: 0.14 }, TOO_LONG)).outcome, 'violated');
  assert.equal(judge(on({ ...CROWDED, othersShare: 0.16 }, TOO_LONG)).outcome, 'inconclusive');
});

test('a burst of ours, however many threads it has, and others beside whom a processor was idle, excuse nothing', () => {
  const burst = { runnablePerCore: 20, idleShare: 0, noneIdleShare: 1 };
  assert.equal(judge(on(burst, TOO_LONG)).outcome, 'violated');
  const roomy = { othersShare: 0.6, idleShare: 0.25, noneIdleShare: 0 };
  assert.equal(judge(on(roomy, TOO_LONG)).outcome, 'violated');
});

test('what was in time is held on any machine: starvation makes nothing faster', () => {
  assert.equal(judge(on(CROWDED, { outages: [[100, 2_000]] })).outcome, 'held');
});

test('by time whose owner is not known nothing is decided, and its seconds count for nothing', () => {
  const unknown = { ...CROWDED, othersShare: undefined, othersUnknown: 'nobody says' };
  assert.equal(judge(on(unknown, TOO_LONG)).outcome, 'violated');
  assert.equal(judge(on(unknown, TOO_LONG, 5)).outcome, 'violated');
  assert.equal(judge(withEntries(on(unknown, TOO_LONG), [crowdedSecond(4)])).outcome, 'inconclusive');
});

test('a journal of before, which does not say whose the time was, is judged by threads and by what was stolen', () => {
  const threads = judge(on({ ...OLD, runnablePerCore: 18 }, TOO_LONG));
  assert.equal(threads.outcome, 'inconclusive');
  assert.match(threads.reason, /18\.0 threads wanted each of its processors over 1\d s/);
  const robbed = judge(on({ ...OLD, stolenShare: 0.5 }, TOO_LONG));
  assert.match(robbed.reason, /starved: other virtual machines had 50 % of its processors over 1\d s/);
  assert.equal(judge(on({ ...OLD, runnablePerCore: 12, stolenShare: 0.05 }, TOO_LONG)).outcome, 'violated');
});

/** Every kind of claim that time decides, each violated by a story of its own. */
const KINDS: Readonly<Record<string, { readonly story: Story; readonly more?: readonly Timed[] }>> = {
  'recover-within': { story: TOO_LONG },
  'capacity-within': { story: { capacityAtMs: 20_000, claim: { claim: 'capacity-within' } } },
  'hold-while': { story: { outages: [[4_000, 6_000]], claim: { claim: 'hold-while', withinMs: 20_000 } } },
  'fire-within': { story: { claim: { claim: 'fire-within', sloId: 'Down' } } },
  'resolve-within': {
    story: { claim: { claim: 'resolve-within', sloId: 'Down' } },
    more: [fires(1_000)],
  },
  'stay-silent': {
    story: { claim: { claim: 'stay-silent', sloId: 'Down' } },
    more: [fires(5_000)],
  },
};

function fires(sinceMs: number): Timed {
  const said = { source: 'prometheus', name: 'Down', state: 'firing', labels: {} } as const;
  return at(EFFECTIVE_MS + sinceMs, { kind: 'alert', ...said });
}

test('doubt about the machine comes before a violation of every kind of claim that time decides', () => {
  for (const [kind, { story, more = [] }] of Object.entries(KINDS)) {
    const outcomeOn = (machine: Machine): string | undefined =>
      judge(withEntries(on(machine, story), more)).findings.find(({ check }) => check === kind)?.outcome;
    assert.equal(outcomeOn({}), 'violated', kind);
    assert.equal(outcomeOn(CROWDED), 'inconclusive', kind);
  }
});

test('what breaks while it must not is excused by the ten seconds before it, and by no others', () => {
  const story: Story = {
    outages: [[18_000, 20_000]],
    claim: { claim: 'hold-while', withinMs: 30_000 },
  };
  const overrun = { ...CROWDED, othersShare: 0.95 };
  assert.equal(judge(on(overrun, story, 8, 18)).outcome, 'inconclusive');
  for (const [fromS, toS] of [
    [0, 8],
    [20, 40],
  ])
    assert.equal(judge(on(overrun, story, fromS, toS)).outcome, 'violated', `from ${fromS} s`);
});

test('an outage that goes on when the machine is well again is no longer excused by how it was', () => {
  const story: Story = {
    outages: [[8_000, 29_000]],
    claim: { claim: 'hold-while', withinMs: 30_000, judgedBy: 'probe' },
  };
  assert.equal(judge(on(CROWDED, story, 0, 10)).outcome, 'violated');
  assert.equal(judge(on(CROWDED, story)).outcome, 'inconclusive');
});

test('a violation waits until it is told how the machine was, and is no other in the run than afterwards', () => {
  const story: Story = {
    outages: [[1_000, 3_000]],
    claim: { claim: 'hold-while', withinMs: 20_000, judgedBy: 'probe' },
  };
  const entries = on({ ...CROWDED, othersShare: 0.95 }, story, 2);
  assert.equal(judge(entries).outcome, 'inconclusive');
  const claim = entries.find((entry) => entry.kind === 'slo.claim')?.claimId ?? '';
  for (let sinceMs = 900; sinceMs < 12_000; sinceMs += 100) {
    const nowMonoMs = EFFECTIVE_MS + sinceMs;
    const soFar = entries.filter(({ monoMs }) => monoMs <= nowMonoMs);
    assert.notEqual(findingOf(soFar, claim, nowMonoMs)?.outcome, 'violated', `at ${sinceMs} ms`);
  }
});

test('an excuse waits until nothing more can break, and what breaks later on a well machine is not excused', () => {
  const claim = { claim: 'hold-while', withinMs: 30_000, judgedBy: 'probe' } as const;
  const first = [1_000, 3_000] as const;
  const once = on(CROWDED, { outages: [first], claim }, 0, 10);
  const twice = on(CROWDED, { outages: [first, [25_000, 27_000]], claim }, 0, 10);
  const at20s = (entries: readonly Entry[]): string | undefined =>
    findingOf(
      entries.filter(({ monoMs }) => monoMs <= EFFECTIVE_MS + 20_000),
      'c1',
      EFFECTIVE_MS + 20_000,
    )?.outcome;
  assert.deepEqual([at20s(once), at20s(twice)], [undefined, undefined]);
  assert.match(judge(once).reason, /but the machine was starved/);
  assert.equal(judge(twice).outcome, 'violated');
});

test('what broke on a well machine is told as soon as it is known how the machine was, not only at the limit', () => {
  const story: Story = {
    outages: [[3_000, 6_000]],
    claim: { claim: 'hold-while', withinMs: 30_000, judgedBy: 'probe' },
  };
  const nowMonoMs = EFFECTIVE_MS + 12_000;
  const soFar = on({}, story).filter(({ monoMs }) => monoMs <= nowMonoMs);
  assert.equal(findingOf(soFar, 'c1', nowMonoMs)?.outcome, 'violated');
});

test('a machine that is starved only after the limit excuses nothing, while the trial runs and after it', () => {
  // What is told at 11 s is of the second that begins with the limit.
  const entries = on({ ...CROWDED, othersShare: 40 }, TOO_LONG, 11);
  assert.equal(judge(entries).outcome, 'violated');
  const claim = entries.find((entry) => entry.kind === 'slo.claim');
  assert.equal(findingOf(entries, claim?.claimId ?? '', Number.POSITIVE_INFINITY)?.outcome, 'violated');
});

test('a harness that stood still within the limit has missed what may have been in time', () => {
  const stood = at(EFFECTIVE_MS + 5_000, { kind: 'harness.lag', lateMs: 1_500 });
  const verdict = judge(withEntries(synthesise(TOO_LONG), [stood]));
  assert.equal(verdict.outcome, 'inconclusive');
  assert.match(verdict.reason, /but the harness had no CPU: a timer came 1\.5 s late/);
  const after = at(EFFECTIVE_MS + 20_000, { kind: 'harness.lag', lateMs: 1_500 });
  assert.equal(judge(withEntries(synthesise(TOO_LONG), [after])).outcome, 'violated');
});

test('a probe that was late itself has not shown a violation', () => {
  const late = mapEntries(on({}, TOO_LONG), (entry) =>
    entry.kind === 'probe.sample' ? { ...entry, lateMs: 400 } : entry,
  );
  const verdict = judge(late);
  assert.equal(verdict.outcome, 'inconclusive');
  assert.match(verdict.reason, /but the probe of storefront had no CPU: one in twenty/);
});

test('the limits are of what others took, of threads and of what was stolen, and at them nothing is starved', () => {
  const why = (machine: Machine): string | undefined =>
    starvation(readTrial(on(machine, TOO_LONG)), EFFECTIVE_MS, EFFECTIVE_MS + 10_000);
  assert.equal(why({ ...CROWDED, othersShare: 0.15 }), undefined);
  assert.equal(why({ ...OLD, runnablePerCore: 15 }), undefined);
  assert.match(
    why({ ...OLD, runnablePerCore: 15.1 }) ?? '',
    /^the machine was starved: 15\.1 threads wanted each of its processors over 1\d s, more than 15$/,
  );
  assert.equal(why({ ...OLD, stolenShare: 0.3 }), undefined);
  assert.equal(
    why({ ...OLD, stolenShare: 0.31 })?.replace(/over 1\d s/, 'over N s'),
    'the machine was starved: other virtual machines had 31 % of its processors over N s, more than 30 %',
  );
});

test('a probe was late where one in twenty of its requests was so by more than 100 ms, or 1 % of a long recovery', () => {
  const late = (share: number, lateMs: number, story: Story = TOO_LONG): readonly string[] => {
    const entries = mapEntries(synthesise(story), (entry) =>
      entry.kind === 'probe.sample' && (entry.probeSeq % 100) / 100 < share ? { ...entry, lateMs } : entry,
    );
    return lateProbes(readTrial(entries), EFFECTIVE_MS, EFFECTIVE_MS + 9_975);
  };
  assert.deepEqual(late(0.08, 400), [
    'the probe of storefront had no CPU: one in twenty of its requests was more than 400 ms late',
  ]);
  assert.deepEqual([late(0.03, 400), late(0.08, 100, {})], [[], []]);
  assert.equal(late(0.08, 101, {}).length, 1);
  const long: Story = { outages: [[100, 30_000]], watchedForMs: 60_000 };
  assert.deepEqual([late(0.08, 290, long).length, late(0.08, 310, long).length], [0, 1]);
});

test('requests that were late count in the span in which they were due, from its first to its last instant', () => {
  const due = EFFECTIVE_MS + 4_980;
  const entries = mapEntries(synthesise(TOO_LONG), (entry) =>
    entry.kind === 'probe.sample' && entry.dueMonoMs === due ? { ...entry, lateMs: 400 } : entry,
  );
  const count = (fromMs: number, toMs: number) => lateProbes(readTrial(entries), fromMs, toMs).length;
  assert.deepEqual([count(due, due), count(due - 40, due - 1), count(due + 1, due + 60)], [1, 0, 0]);
});
