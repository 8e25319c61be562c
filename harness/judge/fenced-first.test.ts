import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../core/journal/journal.ts';
import { findingOf as liveFindingOf, judge } from './judge.ts';
import type { Timed } from './testing/synthetic-trial.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  REQUESTED_MS,
  synthesise,
  WALL_AHEAD_MS,
  withEntries,
} from './testing/synthetic-trial.ts';

const HEALER = 'system:serviceaccount:firedrill-system:firedrill-healer';

/** The audit log and the machines' calls arrive late, and not in the order in which things happened. */
const ARRIVES_LATER_MS = 400;

function powerOff(atMs: number, node = 'node-2', result = 'ok, attempt a1'): Timed {
  return machineCall('powerOff', atMs, node, result);
}

function machineCall(call: 'powerOff' | 'powerOn', atMs: number, node = 'node-2', result = 'ok'): Timed {
  const callWallMs = atMs + WALL_AHEAD_MS;
  return at(atMs + ARRIVES_LATER_MS, {
    kind: 'machine',
    call,
    node,
    caller: '10.0.0.5',
    result,
    callWallMs,
  });
}

function deletion(atMs: number, name: string, user = HEALER): Timed {
  return at(atMs + 50, {
    kind: 'api.audit',
    user,
    verb: 'delete',
    resource: 'pods',
    namespace: 'storefront',
    name,
    code: 200,
    stageWallMs: atMs + 8 + WALL_AHEAD_MS,
    receivedWallMs: atMs + WALL_AHEAD_MS,
  });
}

function pod(name: string, node: string): Timed {
  return at(REQUESTED_MS - 5_000, {
    kind: 'watch',
    change: 'added',
    object: 'Pod',
    namespace: 'storefront',
    name,
    uid: name,
    facts: { node },
  });
}

function journalWith(extra: readonly Timed[], watching = ['api.audit', 'machine']): Entry[] {
  return withEntries(synthesise(), [
    ...watching.map((observer) =>
      at(REQUESTED_MS - 11_000, { kind: 'observer', observer, state: 'started' }),
    ),
    pod('web-1', 'node-2'),
    pod('web-2', 'node-2'),
    pod('web-3', 'node-3'),
    at(EFFECTIVE_MS + 60, {
      kind: 'slo.claim',
      claimId: 'f1',
      claim: 'fenced-first',
      sloId: 'fenced first',
      query: '',
      stableForMs: 0,
      withinMs: 30_000,
      injectionId: 'i1',
    }),
    ...extra,
  ]);
}

function findingOf(entries: readonly Entry[]): string {
  const finding = judge(entries).findings.find(({ claimId }) => claimId === 'f1');
  return `${finding?.outcome}: ${finding?.reason}`;
}

test('off first, deleted afterwards: held, by the clocks of the servers and not by arrival', () => {
  const entries = journalWith([
    powerOff(EFFECTIVE_MS + 3_000),
    deletion(EFFECTIVE_MS + 3_100, 'web-1'),
    deletion(EFFECTIVE_MS + 3_200, 'web-2'),
  ]);
  assert.equal(findingOf(entries), 'held: off 100 ms before the first deletion of its pods');
});

test('deleted first: violated', () => {
  const entries = journalWith([
    deletion(EFFECTIVE_MS + 2_900, 'web-2'),
    powerOff(EFFECTIVE_MS + 3_000),
    deletion(EFFECTIVE_MS + 3_100, 'web-1'),
  ]);
  assert.equal(
    findingOf(entries),
    'violated: node-2 was off only 100 ms after the deletion of its pod storefront/web-2',
  );
});

test('a fence that failed, or of another machine, is none', () => {
  const entries = journalWith([
    powerOff(EFFECTIVE_MS + 3_000, 'node-2', 'failed: no answer'),
    powerOff(EFFECTIVE_MS + 3_000, 'node-3'),
    deletion(EFFECTIVE_MS + 3_100, 'web-1'),
  ]);
  assert.match(findingOf(entries), /^violated: storefront\/web-1 was deleted, .* never powered off/);
});

test('every deletion needs its fence, not the first one alone', () => {
  const entries = journalWith([
    powerOff(EFFECTIVE_MS + 3_000),
    deletion(EFFECTIVE_MS + 3_100, 'web-1'),
    machineCall('powerOn', EFFECTIVE_MS + 5_000),
    deletion(EFFECTIVE_MS + 6_000, 'web-2'),
  ]);
  assert.equal(
    findingOf(entries),
    'violated: node-2 was powered on again 1 s before the deletion of its pod storefront/web-2',
  );
});

test('every machine of the fault needs its own', () => {
  const both = { kind: 'node', uid: 'n' } as const;
  const of = (entries: readonly Entry[]): Entry[] =>
    mapEntries(entries, (entry) =>
      entry.kind === 'fault.resolved'
        ? { ...entry, targets: ['node-2', 'node-3'].map((name) => ({ ...both, name })) }
        : entry,
    );
  const first = [powerOff(EFFECTIVE_MS + 3_000), deletion(EFFECTIVE_MS + 3_100, 'web-1')];
  const second = deletion(EFFECTIVE_MS + 3_200, 'web-3');
  assert.match(
    findingOf(of(journalWith([...first, second]))),
    /^violated: storefront\/web-3 .* never powered off/,
  );
  const late = powerOff(EFFECTIVE_MS + 9_000, 'node-3');
  assert.match(
    findingOf(of(journalWith([...first, second, late]))),
    /^violated: node-3 was off only 5\.8 s after the deletion of its pod storefront\/web-3/,
  );
  const fenced = powerOff(EFFECTIVE_MS + 3_150, 'node-3');
  assert.match(findingOf(of(journalWith([...first, second, fenced]))), /^held/);
});

test('a fence within the error of the two clocks proves nothing', () => {
  const atMs = EFFECTIVE_MS + 3_000;
  const close = journalWith([powerOff(atMs), deletion(atMs + 1, 'web-1')]);
  assert.match(findingOf(close), /^inconclusive: too close to call: node-2 was off 1 ms before/);
  assert.match(findingOf(journalWith([powerOff(atMs), deletion(atMs + 9, 'web-1')])), /^held: off 9 ms/);
  // A stamp that is later than its arrival tells that the machine's server has another clock.
  const ahead = { ...powerOff(atMs + 500), atMs: atMs + 400 };
  const apart = journalWith([powerOff(atMs), ahead, deletion(atMs + 90, 'web-1')]);
  assert.match(findingOf(apart), /^inconclusive: .* may be 101 ms apart/);
});

test('a pod belongs to the machine on which it ran when it was deleted', () => {
  const entries = journalWith([
    deletion(EFFECTIVE_MS + 2_900, 'web-1'),
    { ...pod('web-1', 'node-3'), atMs: EFFECTIVE_MS + 3_050 },
    powerOff(EFFECTIVE_MS + 3_000),
  ]);
  assert.match(findingOf(entries), /^violated: node-2 was off only 100 ms after/);
  const unseen = journalWith([deletion(EFFECTIVE_MS + 2_900, 'web-9'), powerOff(EFFECTIVE_MS + 3_000)]);
  assert.match(findingOf(unseen), /^inconclusive: nobody knows where storefront\/web-9 ran/);
});

test('is decided when the healer is done with the machine, and not with its first pod', () => {
  const running = journalWith([
    powerOff(EFFECTIVE_MS + 3_000),
    deletion(EFFECTIVE_MS + 3_100, 'web-1'),
    at(EFFECTIVE_MS + 9_000, {
      kind: 'healer',
      event: 'recovered',
      subject: 'node/node-2',
      detail: 'replaced by node-4',
      healerMonoMs: 0,
      healerWallMs: 0,
      pod: 'h',
    }),
  ]);
  const upTo = (sinceMs: number) =>
    liveFindingOf(
      running.filter(({ monoMs }) => monoMs <= EFFECTIVE_MS + sinceMs),
      'f1',
      EFFECTIVE_MS + sinceMs,
    );
  assert.equal(upTo(8_000), undefined);
  assert.equal(upTo(9_000)?.outcome, 'held');
});

test("what others delete, and what is another machine's, does not count", () => {
  const entries = journalWith([
    deletion(EFFECTIVE_MS + 1_000, 'web-1', 'system:kube-controller-manager'),
    deletion(EFFECTIVE_MS + 1_000, 'web-3'),
    powerOff(EFFECTIVE_MS + 3_000),
    deletion(EFFECTIVE_MS + 3_100, 'web-1'),
  ]);
  assert.match(findingOf(entries), /^held/);
});

test('is held where the trial ends before the healer is done, as its observers do then', () => {
  const stopped = ['api.audit', 'machine'].map((observer) =>
    at(EFFECTIVE_MS + 41_150, { kind: 'observer', observer, state: 'stopped' }),
  );
  const fenced = [powerOff(EFFECTIVE_MS + 3_000), deletion(EFFECTIVE_MS + 3_100, 'web-1')];
  const entries = mapEntries(journalWith([...fenced, ...stopped]), (entry) =>
    entry.kind === 'slo.claim' ? { ...entry, withinMs: 60_000 } : entry,
  );
  assert.match(findingOf(entries), /^held/);
  const early = stopped.map((entry) => ({ ...entry, atMs: EFFECTIVE_MS + 5_000 }));
  assert.match(findingOf(journalWith([...fenced, ...early])), /^inconclusive: .* stopped too early/);
});

test('without a deletion, or where nobody watched, it is inconclusive', () => {
  assert.match(findingOf(journalWith([powerOff(EFFECTIVE_MS + 3_000)])), /^inconclusive: .*deleted no pod/);
  const blind = journalWith([deletion(EFFECTIVE_MS + 3_100, 'web-1')], ['api.audit']);
  assert.match(findingOf(blind), /^inconclusive: nobody watched: the observer "machine"/);
});

test('where nobody will ever see it, nobody waits for it', () => {
  const running = journalWith([], ['machine']).filter(({ kind }) => kind !== 'trial.ended');
  const finding = liveFindingOf(running, 'f1', EFFECTIVE_MS + 100);
  assert.match(`${finding?.outcome}: ${finding?.reason}`, /^inconclusive: nobody watched: .*"api.audit"/);
  const watched = journalWith([]).filter(({ kind }) => kind !== 'trial.ended');
  assert.equal(liveFindingOf(watched, 'f1', EFFECTIVE_MS + 100), undefined);
});
