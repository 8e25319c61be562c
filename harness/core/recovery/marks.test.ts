import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../given.ts';
import type { EntryBody, SloClaim } from '../journal/journal.ts';
import { timelineOf } from './marks.ts';
import { powerOff, replicas, requests, trialOf, WALL_AHEAD_MS, type Told } from './testing/told-trial.ts';

const EFFECTIVE_MS = 10_000;
const FAULT = powerOff({ requestedMs: 9_900, effectiveMs: EFFECTIVE_MS, errorMs: 5 });
const BACK: readonly Told[] = [
  [0, { kind: 'observer', observer: 'watch', state: 'started' }],
  ...[replicas(5_000, 6), replicas(11_000, 4), replicas(13_000, 6)],
];
const outage = (fromMs: number, toMs: number) => (dueMs: number) =>
  dueMs < EFFECTIVE_MS + fromMs || dueMs >= EFFECTIVE_MS + toMs;
const USERS = requests(0, 50_000, outage(100, 2_000));
const reverted = (ok: boolean): Told => [
  45_000,
  { kind: 'fault.reverted', injectionId: 'i1', ok, observation: 'it runs', by: 'trial' },
];

function claim(change: { readonly [K in keyof SloClaim]?: SloClaim[K] | undefined } = {}): Told {
  const terms = {
    sloId: 'available',
    query: '',
    bound: { atLeast: 0.99 },
    stableForMs: 5_000,
    withinMs: 10_000,
  };
  const claimed = { kind: 'slo.claim', claimId: 'c1', claim: 'recover-within', injectionId: 'i1' };
  return [10_100, given({ ...claimed, ...terms, ...change }) as EntryBody];
}

test('the marks of a fault are in order, each with its instant, its error on either side, and who saw it', () => {
  const { marks } = timelineOf(trialOf(...FAULT, ...BACK, ...USERS, reverted(true)));
  const told = marks.map(({ name, monoMs, wallMs, beforeMs, afterMs, seenBy, detail }) => {
    assert.equal(wallMs - monoMs, WALL_AHEAD_MS, name);
    return [name, monoMs, Math.round(beforeMs), Math.round(afterMs), seenBy, detail];
  });
  assert.deepEqual(told, [
    ['requested', 9_900, 1, 1, 'harness', 'node.power-off'],
    ['effective', EFFECTIVE_MS, 5, 5, 'kubelet', 'no process runs'],
    ['restored', 12_000, 55, 7, 'probe', undefined],
    ['capacity', 13_000, 55, 55, 'watch', undefined],
    ['reverted', 45_000, 1, 1, 'trial', 'it runs'],
  ]);
});

test('what did not happen, was not seen or was not measured has no mark', () => {
  const names = (...told: readonly Told[]): readonly string[] =>
    timelineOf(trialOf(...told)).marks.map(({ name }) => name);
  const never = requests(0, 50_000, outage(100, 1e9));
  assert.deepEqual(names(...FAULT, ...BACK.slice(0, 3), ...never, reverted(false)), [
    'requested',
    'effective',
  ]);
  assert.deepEqual(names(...powerOff({ requestedMs: 9_900 }), ...BACK, ...USERS), ['requested']);
  const { marks, recovery, capacity } = timelineOf(trialOf(...BACK, ...USERS));
  const none = { kind: 'unknown', reason: 'no fault was injected' };
  assert.deepEqual([marks, recovery, capacity], [[], none, none]);
});

test('the timeline is that of the fault which the first recovery claim is about, otherwise of the first', () => {
  const second = powerOff({ id: 'i2', requestedMs: 29_900, effectiveMs: 30_000 });
  const requestedMs = (...claims: readonly Told[]): number | undefined =>
    timelineOf(trialOf(...FAULT, ...second, ...USERS, ...claims)).marks[0]?.monoMs;
  assert.equal(requestedMs(), 9_900);
  assert.equal(requestedMs(claim({ injectionId: 'i2' })), 29_900);
  assert.equal(requestedMs(claim({ injectionId: 'i3' })), 9_900);
  assert.equal(requestedMs(claim({ claim: 'hold-while', injectionId: 'i2' })), 9_900);
});

test('users are measured by the terms of the claim, and without one by the usual ones', () => {
  const ms = (isOk: (dueMs: number) => boolean, ...claims: readonly Told[]) => {
    const { recovery } = timelineOf(trialOf(...FAULT, ...requests(0, 50_000, isOk), ...claims));
    return recovery.kind === 'measured' ? recovery.ms : recovery.kind;
  };
  const again = (sinceMs: number) => (dueMs: number) =>
    outage(100, 2_000)(dueMs) && outage(sinceMs, sinceMs + 500)(dueMs);
  // Without a claim every violation within 10 s counts, and one in a hundred is too many.
  assert.deepEqual([ms(again(10_000)), ms(again(10_050))], [10_500, 2_000]);
  assert.equal(
    ms((dueMs) => dueMs !== EFFECTIVE_MS + 500),
    550,
  );
  assert.equal(ms(again(15_000), claim({ withinMs: 20_000 })), 15_500);
  assert.equal(ms(again(6_000), claim({ withinMs: 3_000, stableForMs: 3_000 })), 2_000);
  assert.equal(ms(again(6_000), claim({ withinMs: 3_000, stableForMs: 4_000 })), 6_500);
  assert.equal(
    ms((dueMs) => dueMs !== EFFECTIVE_MS + 500, claim({ bound: { atLeast: 0.9 } })),
    'no-impact',
  );
  // A bound that is no share of good requests says nothing of the probe's.
  assert.equal(
    ms((dueMs) => dueMs !== EFFECTIVE_MS + 500, claim({ bound: { atMost: 5 } })),
    550,
  );
  assert.equal(ms(again(15_000), claim({ claim: 'hold-while', withinMs: 20_000 })), 2_000);
  assert.equal(ms(again(15_000), claim({ injectionId: 'i2', withinMs: 20_000 })), 2_000);
  assert.equal(ms(again(15_000), claim({ injectionId: undefined, withinMs: 20_000 })), 15_500);
});

test('replicas have to stay for as long as the claim says, and 5 s without one', () => {
  const ms = (...claims: readonly Told[]) => {
    const changes = [...BACK, replicas(18_500, 5), replicas(20_000, 6)];
    const { capacity } = timelineOf(trialOf(...FAULT, ...changes, ...USERS, ...claims));
    return capacity.kind === 'measured' ? capacity.ms : capacity.kind;
  };
  assert.deepEqual([ms(), ms(claim({ stableForMs: 6_000 }))], [3_000, 10_000]);
});

test('a trial that ends before its replicas are back says so, and not that its watch was blind; a watch that stopped earlier was', () => {
  const residue = (atMs: number): Told => [atMs, { kind: 'residue', ok: true, items: [] }];
  const stopped: Told = [20_000, { kind: 'observer', observer: 'watch', state: 'stopped' }];
  const ended: Told = [20_500, { kind: 'trial.ended', how: 'failed' }];
  const capacity = (...told: readonly Told[]) =>
    timelineOf(trialOf(...FAULT, ...BACK.slice(0, 3), ...told)).capacity;
  assert.deepEqual(capacity(residue(19_000), stopped, ended), { kind: 'censored', atLeastMs: 10_000 });
  assert.deepEqual(capacity(residue(19_000), replicas(18_000, 6), stopped, ended), {
    kind: 'unknown',
    reason: 'all replicas are Ready, but not yet for long enough',
  });
  for (const told of [
    [stopped, ended],
    [stopped, residue(20_400), ended],
  ])
    assert.deepEqual(capacity(...told), {
      kind: 'unknown',
      reason: 'the observer "watch:Pod" stopped too early',
    });
});
