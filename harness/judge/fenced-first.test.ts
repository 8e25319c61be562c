import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../core/journal/journal.ts';
import { findingOf as liveFindingOf, judge } from './judge.ts';
import type { Timed } from './testing/synthetic-trial.ts';
import {
  at,
  EFFECTIVE_MS,
  REQUESTED_MS,
  synthesise,
  WALL_AHEAD_MS,
  withEntries,
} from './testing/synthetic-trial.ts';

const HEALER = 'system:serviceaccount:firedrill-system:firedrill-healer';

/** Both streams arrive late, and not in the order in which things happened. */
const ARRIVES_LATER_MS = 400;

function powerOff(atMs: number, node = 'node-2', result = 'ok, attempt a1'): Timed {
  const callWallMs = atMs + WALL_AHEAD_MS;
  return at(atMs + ARRIVES_LATER_MS, {
    kind: 'machine',
    call: 'powerOff',
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

test("what others delete, and what is another machine's, does not count", () => {
  const entries = journalWith([
    deletion(EFFECTIVE_MS + 1_000, 'web-1', 'system:kube-controller-manager'),
    deletion(EFFECTIVE_MS + 1_000, 'web-3'),
    powerOff(EFFECTIVE_MS + 3_000),
    deletion(EFFECTIVE_MS + 3_100, 'web-1'),
  ]);
  assert.match(findingOf(entries), /^held/);
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
