import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryOf } from '../core/journal/journal.ts';
import { findingOf as liveFindingOf, judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  REQUESTED_MS,
  synthesise,
  WALL_AHEAD_MS,
  withEntries,
  type Timed,
} from './testing/synthetic-trial.ts';

const HEALER = 'system:serviceaccount:firedrill-system:firedrill-healer';

/** The audit log and the machines' calls arrive late, and not in the order in which things happened. */
const ARRIVES_LATER_MS = 400;
const ARRIVES_SOON_MS = 50;
type ApiCall = Omit<EntryOf<'api.audit'>, 'seq' | 'monoMs' | 'wallMs'>;

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

function deletion(atMs: number, name: string, user = HEALER, call: Partial<ApiCall> = {}): Timed {
  return at(atMs + ARRIVES_SOON_MS, {
    kind: 'api.audit',
    user,
    verb: 'delete',
    resource: 'pods',
    namespace: 'storefront',
    name,
    code: 200,
    stageWallMs: atMs + 8 + WALL_AHEAD_MS,
    receivedWallMs: atMs + WALL_AHEAD_MS,
    ...call,
  });
}

function toldByHealer(atMs: number, event: EntryOf<'healer'>['event'], node: string): Timed {
  const source = { healerMonoMs: 0, healerWallMs: 0, pod: 'h' };
  return at(atMs, { kind: 'healer', event, subject: `node/${node}`, detail: '', ...source });
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
    powerOff(EFFECTIVE_MS + 3_000, 'node-2', 'okayed, but timed out'),
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
  const oneDone = toldByHealer(EFFECTIVE_MS + 4_000, 'recovered', 'node-2');
  assert.equal(outcomeUpTo(of(journalWith([...first, second, fenced, oneDone])), 9_000), undefined);
});

test('a fence within the error of the two clocks proves nothing', () => {
  const atMs = EFFECTIVE_MS + 3_000;
  const close = journalWith([powerOff(atMs), deletion(atMs + 1, 'web-1')]);
  assert.match(findingOf(close), /^inconclusive: too close to call: node-2 was off 1 ms before/);
  assert.match(findingOf(journalWith([powerOff(atMs), deletion(atMs + 9, 'web-1')])), /^held: off 9 ms/);
  assert.match(findingOf(journalWith([deletion(atMs, 'web-1'), powerOff(atMs + 1)])), /^inconclusive/);
  assert.match(findingOf(journalWith([deletion(atMs, 'web-1'), powerOff(atMs + 2)])), /^violated/);
  // A stamp that is later than its arrival tells that the machine's server, or the API server, has another clock.
  const ahead = { ...powerOff(atMs + 500), atMs: atMs + 400 };
  const apart = [powerOff(atMs), ahead, deletion(atMs + 90, 'web-1')];
  assert.match(findingOf(journalWith(apart)), /^inconclusive: .* may be 101 ms apart/);
  const stageWallMs = atMs + 500 + WALL_AHEAD_MS;
  const both = { ...deletion(atMs + 300, 'web-3', HEALER, { stageWallMs }), atMs: atMs + 480 };
  assert.match(findingOf(journalWith([...apart, both])), /^inconclusive: .* may be 121 ms apart/);
});

test('a power-on counts where it lies for sure between power-off and deletion, and may count within the error', () => {
  const offMs = EFFECTIVE_MS + 3_000;
  const deletedMs = offMs + 2_000;
  const outcomeOf = (...ons: readonly Timed[]): string =>
    findingOf(journalWith([powerOff(offMs), ...ons, deletion(deletedMs, 'web-1')])).split(':')[0] ?? '';
  const outcomes = [
    [offMs - 2, 'held'],
    [offMs - 1, 'inconclusive'],
    [offMs + 1, 'inconclusive'],
    [offMs + 2, 'violated'],
    [deletedMs - 2, 'violated'],
    [deletedMs - 1, 'inconclusive'],
    [deletedMs + 1, 'inconclusive'],
    [deletedMs + 2, 'held'],
  ] as const;
  for (const [onMs, outcome] of outcomes)
    assert.equal(outcomeOf(machineCall('powerOn', onMs)), outcome, `off + ${onMs - offMs}`);
  assert.equal(
    outcomeOf(machineCall('powerOn', offMs + 1_000, 'node-2', 'failed: no answer')),
    'inconclusive',
  );
  const twice = [machineCall('powerOn', offMs + 1), machineCall('powerOn', offMs + 1_000)];
  assert.equal(outcomeOf(...twice), 'violated');
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
    // What it says of its work, or of another machine, is no end.
    toldByHealer(EFFECTIVE_MS + 4_000, 'acted', 'node-2'),
    toldByHealer(EFFECTIVE_MS + 4_000, 'recovered', 'node-3'),
    toldByHealer(EFFECTIVE_MS + 9_000, 'recovered', 'node-2'),
  ]);
  assert.equal(outcomeUpTo(running, 8_000), undefined);
  assert.equal(outcomeUpTo(running, 9_000), 'held');
});

/** What is known of the claim so long after the fault took effect. */
function outcomeUpTo(entries: readonly Entry[], sinceMs: number): string | undefined {
  const monoMs = EFFECTIVE_MS + sinceMs;
  const until = entries.filter((entry) => entry.monoMs <= monoMs);
  return liveFindingOf(until, 'f1', monoMs)?.outcome;
}

test('a call that came before a deletion has two seconds to arrive, and no longer', () => {
  const unfenced = [deletion(EFFECTIVE_MS + 3_100, 'web-1'), deletion(EFFECTIVE_MS + 9_100, 'web-2')];
  assert.equal(outcomeUpTo(journalWith(unfenced), 11_099 + ARRIVES_SOON_MS), undefined);
  assert.equal(outcomeUpTo(journalWith(unfenced), 11_100 + ARRIVES_SOON_MS), 'violated');
  const last = 3_100 + ARRIVES_SOON_MS;
  const fenced = journalWith([
    powerOff(EFFECTIVE_MS + 2_500),
    deletion(EFFECTIVE_MS + 3_100, 'web-1'),
    toldByHealer(EFFECTIVE_MS + last, 'recovered', 'node-2'),
    deletion(EFFECTIVE_MS + 3_200, 'web-3'),
  ]);
  assert.equal(outcomeUpTo(fenced, last + 1_999), undefined);
  assert.equal(outcomeUpTo(fenced, last + 2_000), 'held');
});

test('a healer that is never done is waited for up to the limit of the claim', () => {
  const entries = journalWith([powerOff(EFFECTIVE_MS + 3_000), deletion(EFFECTIVE_MS + 3_100, 'web-1')]);
  assert.equal(outcomeUpTo(entries, 30_059), undefined);
  assert.equal(outcomeUpTo(entries, 30_060), 'held');
});

test('where the trial ends sooner than that, nothing more is waited for', () => {
  const entries = journalWith([deletion(EFFECTIVE_MS + 40_000, 'web-1')]);
  assert.match(findingOf(entries), /^violated: .* never powered off/);
});

test('where nothing is deleted, a claim without a limit is decided where it is made', () => {
  const entries = mapEntries(journalWith([]), (entry) => {
    if (entry.kind !== 'slo.claim') return entry;
    const { withinMs, ...unlimited } = entry;
    return withinMs === undefined ? entry : unlimited;
  });
  assert.equal(outcomeUpTo(entries, 60), 'inconclusive');
});

test('what the healer did last is watched to its end', () => {
  const again = (stoppedMs: number): Entry[] =>
    journalWith([
      powerOff(EFFECTIVE_MS + 3_000),
      deletion(EFFECTIVE_MS + 3_100, 'web-1'),
      toldByHealer(EFFECTIVE_MS + 5_000, 'recovered', 'node-2'),
      toldByHealer(EFFECTIVE_MS + 12_000, 'recovered', 'node-2'),
      ...['api.audit', 'machine'].map((observer) =>
        at(EFFECTIVE_MS + stoppedMs, { kind: 'observer', observer, state: 'stopped' }),
      ),
    ]);
  assert.match(findingOf(again(11_000)), /^inconclusive: .* stopped too early/);
  assert.match(findingOf(again(12_000)), /^held/);
});

test('calls count in the order of their servers, whatever order they arrive in', () => {
  const late = (entry: Timed): Timed => ({ ...entry, atMs: entry.atMs + 3_000 });
  const deletions = [late(deletion(EFFECTIVE_MS + 3_100, 'web-1')), deletion(EFFECTIVE_MS + 3_200, 'web-2')];
  assert.match(
    findingOf(journalWith([powerOff(EFFECTIVE_MS + 3_000), ...deletions])),
    /^held: off 100 ms before the first/,
  );
  const twice = [
    late(powerOff(EFFECTIVE_MS + 1_000)),
    machineCall('powerOn', EFFECTIVE_MS + 2_000),
    powerOff(EFFECTIVE_MS + 3_000),
  ];
  assert.match(
    findingOf(journalWith([...twice, deletion(EFFECTIVE_MS + 3_100, 'web-1')])),
    /^held: off 100 ms/,
  );
});

test('what is seen in the very instant of the request belongs to the fault', () => {
  const atOnce = powerOff(REQUESTED_MS - ARRIVES_LATER_MS);
  assert.match(findingOf(journalWith([atOnce, deletion(EFFECTIVE_MS, 'web-1')])), /^held/);
  const before = deletion(REQUESTED_MS - ARRIVES_SOON_MS, 'web-1');
  assert.match(findingOf(journalWith([before])), /^violated: .* never powered off/);
});

test('an eviction is a deletion; a refused one, a read, and the deletion of something else are none', () => {
  const early = (call: Partial<ApiCall>): string =>
    findingOf(
      journalWith([
        deletion(EFFECTIVE_MS + 1_000, 'web-1', HEALER, call),
        powerOff(EFFECTIVE_MS + 3_000),
        deletion(EFFECTIVE_MS + 3_100, 'web-1'),
      ]),
    );
  assert.match(early({ resource: 'pods/eviction', verb: 'create' }), /^violated/);
  assert.match(early({ code: 399 }), /^violated/);
  for (const call of [{ code: 400 }, { verb: 'get' }, { resource: 'leases' }])
    assert.match(early(call), /^held/, JSON.stringify(call));
});

test('a pod that has moved to the machine belongs to it', () => {
  const moved = { ...pod('web-3', 'node-2'), atMs: EFFECTIVE_MS + 2_900 };
  assert.match(
    findingOf(journalWith([moved, deletion(EFFECTIVE_MS + 2_900, 'web-3'), powerOff(EFFECTIVE_MS + 3_000)])),
    /^violated: node-2 was off only 100 ms after/,
  );
});

test('a fault that was never resolved has no machine', () => {
  const entries = mapEntries(journalWith([deletion(EFFECTIVE_MS + 1_000, 'web-1')]), (entry) =>
    entry.kind === 'fault.resolved' ? undefined : entry,
  );
  assert.match(findingOf(entries), /^inconclusive: .*deleted no pod/);
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
