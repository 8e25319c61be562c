import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityErrorMs, effectiveErrorMs, lastCapacity, measureCapacity, measureUsers } from './measure.ts';
import { powerOff, replicas, requests, trialOf, type Told } from './testing/told-trial.ts';
import type { TrialFacts } from './trial-facts.ts';

const EFFECTIVE_MS = 10_000;
const FAULT = powerOff({ requestedMs: 9_900, effectiveMs: EFFECTIVE_MS, errorMs: 5 });
const WATCH: Told = [0, { kind: 'observer', observer: 'watch', state: 'started' }];
const END: Told = [60_000, { kind: 'trial.ended', how: 'finished' }];
const question = { minGoodShare: 0.99, stableForMs: 5_000, watchForMs: 10_000 };

/** Good but between these, in milliseconds after the effect. */
const outage = (fromMs: number, toMs: number) => (dueMs: number) =>
  dueMs < EFFECTIVE_MS + fromMs || dueMs >= EFFECTIVE_MS + toMs;

function users(told: readonly Told[], fault = FAULT) {
  const facts = trialOf(...fault, ...told);
  return measureUsers(facts, facts.injections[0]!, question);
}

function capacity(told: readonly Told[], fault = FAULT, stableForMs?: number, watchForMs?: number) {
  const facts = trialOf(WATCH, ...fault, ...told, END);
  return measureCapacity(facts, facts.injections[0]!, stableForMs, watchForMs);
}

const back: readonly Told[] = [replicas(5_000, 6), replicas(11_000, 4), replicas(13_000, 6)];

test('users of all targets are restored when those of the last one are', () => {
  const a = requests(0, 40_000, outage(100, 2_000), 'a');
  const b = requests(0, 40_000, outage(100, 4_000), 'b');
  for (const told of [
    [...a, ...b],
    [...b, ...a],
  ]) {
    const { duration, impactMonoMs, originMonoMs } = users(told);
    assert.ok(duration.kind === 'measured');
    assert.deepEqual([duration.ms, impactMonoMs, originMonoMs], [4_000, EFFECTIVE_MS + 100, undefined]);
  }
});

test('users who were hit before the effect was proven are counted from their impact', () => {
  const { duration, originMonoMs } = users(requests(0, 40_000, outage(-50, 4_000)));
  assert.ok(duration.kind === 'measured');
  assert.deepEqual([duration.ms, originMonoMs], [4_050, EFFECTIVE_MS - 50]);
  const early = requests(0, 40_000, outage(-50, 2_000), 'a');
  const late = requests(0, 40_000, outage(500, 4_000), 'b');
  for (const told of [
    [...early, ...late],
    [...late, ...early],
  ])
    assert.equal(users(told).originMonoMs, EFFECTIVE_MS - 50);
  const atOnce = users(requests(0, 40_000, outage(0, 4_000)));
  assert.equal(atOnce.originMonoMs, undefined);
});

test('a time that users have to stay is that of the question, and the limit counts from where the time does', () => {
  const twice = (dueMs: number) => outage(0, 2_000)(dueMs) && outage(10_000, 10_500)(dueMs);
  const { duration } = users(requests(0, 40_000, twice));
  assert.ok(duration.kind === 'measured' && duration.ms === 10_500);
  const later = (dueMs: number) => outage(0, 2_000)(dueMs) && outage(10_050, 10_500)(dueMs);
  const shorter = users(requests(0, 40_000, later));
  assert.ok(shorter.duration.kind === 'measured' && shorter.duration.ms === 2_000);
});

test('of a fault that was not shown to take effect nothing is measured', () => {
  const unproven = powerOff({ requestedMs: 9_900 });
  const unknown = { kind: 'unknown', reason: 'node.power-off was not shown to take effect' };
  assert.deepEqual(users(requests(0, 40_000), unproven), { duration: unknown, settled: false, lowMs: 0 });
  assert.deepEqual(capacity(back, unproven), { duration: unknown, settled: false });
  const facts = trialOf(...unproven);
  assert.equal(effectiveErrorMs(facts, facts.injections[0]!), 0);
});

test('the moment of the effect is off by what its observer says, and by how late the harness was', () => {
  const error = (...told: readonly Told[]): number => {
    const facts: TrialFacts = trialOf(...FAULT, ...told);
    return effectiveErrorMs(facts, facts.injections[0]!);
  };
  const lag = (atMs: number): Told => [atMs, { kind: 'harness.lag', lateMs: 30 }];
  assert.deepEqual([error(), error(lag(9_950)), error(lag(10_100)), error(lag(9_800))], [5, 35, 5, 5]);
  const facts = trialOf(...FAULT);
  assert.equal(capacityErrorMs(facts, facts.injections[0]!), 55);
});

test('replicas are back with the error of both instants, and of a harness that was late when they were', () => {
  const { duration, capacityMonoMs, stableUntilMonoMs } = capacity(back);
  assert.deepEqual(duration, { kind: 'measured', ms: 3_000, lowMs: 2_945, highMs: 3_055 });
  assert.deepEqual([capacityMonoMs, stableUntilMonoMs], [13_000, 18_000]);
  const late = capacity([...back, [13_100, { kind: 'harness.lag', lateMs: 200 }]]);
  assert.deepEqual(late.duration, { kind: 'measured', ms: 3_000, lowMs: 2_745, highMs: 3_255 });
  const before = capacity([...back, [12_900, { kind: 'harness.lag', lateMs: 200 }]]);
  assert.deepEqual(before.duration, duration);
});

test('replicas that were lost between the request and its effect are lost by the fault', () => {
  const { duration } = capacity([replicas(5_000, 6), replicas(9_950, 4), replicas(13_000, 6)]);
  assert.ok(duration.kind === 'measured' && duration.ms === 3_000);
});

test('replicas have to stay for as long as is asked, and until the limit', () => {
  const again = [...back, replicas(19_000, 5), replicas(21_000, 6)];
  const ms = (stableForMs?: number, watchForMs?: number): number | undefined => {
    const { duration } = capacity(again, FAULT, stableForMs, watchForMs);
    return duration.kind === 'measured' ? duration.ms : undefined;
  };
  assert.deepEqual([ms(), ms(6_000), ms(5_000, 8_999), ms(5_000, 9_000)], [3_000, 11_000, 3_000, 11_000]);
});

test('of several workloads all have to be complete, and none stands for another by what it has too many', () => {
  const two = [
    ...[replicas(1_000, 6, 6, 'a'), replicas(2_000, 2, 2, 'b')],
    ...[replicas(11_000, 4, 6, 'a'), replicas(12_000, 4, 2, 'b'), replicas(14_000, 6, 6, 'a')],
  ];
  const { duration } = capacity(two);
  assert.ok(duration.kind === 'measured' && duration.ms === 4_000);
  const facts = trialOf(...two);
  assert.deepEqual(lastCapacity(facts, 12_500), { monoMs: 12_000, ready: 6, wanted: 8 });
  assert.deepEqual(lastCapacity(facts, 11_000), { monoMs: 11_000, ready: 6, wanted: 8 });
  assert.equal(lastCapacity(facts, 999), undefined);
});

test('of a watch that was blind from the request to when replicas had stayed nothing is known', () => {
  const gap = (fromMonoMs: number): Told => [
    fromMonoMs + 100,
    {
      kind: 'observer',
      observer: 'watch:Pod',
      state: 'gap',
      fromMonoMs,
      toMonoMs: fromMonoMs + 100,
      reason: 'reset',
    },
  ];
  const blind = capacity([...back, gap(17_000)]);
  assert.match(
    blind.duration.kind === 'unknown' ? blind.duration.reason : '',
    /"watch:Pod" has a gap: reset/,
  );
  assert.equal(blind.settled, true);
  assert.equal(capacity([...back, gap(18_000)]).duration.kind, 'measured');
  assert.equal(capacity([...back, gap(9_800)]).duration.kind, 'measured');
  assert.equal(capacity([...back, gap(9_850)]).duration.kind, 'unknown');
  const lost = capacity([...back.slice(0, 2), gap(59_000)]);
  assert.deepEqual([lost.duration.kind, lost.settled], ['unknown', false]);
});

test('a loss that the API never noticed is known by the pods that were hit', () => {
  const noticed = (podsHit: number) =>
    capacity([replicas(5_000, 6)], powerOff({ requestedMs: 9_900, effectiveMs: EFFECTIVE_MS, podsHit }))
      .duration.kind;
  assert.deepEqual([noticed(0), noticed(2)], ['no-impact', 'unknown']);
  const unresolved = FAULT.filter(([, { kind }]) => kind !== 'fault.resolved');
  assert.equal(capacity([replicas(5_000, 6)], unresolved).duration.kind, 'no-impact');
});
