import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryBody } from '../journal/journal.ts';
import { healerMarks, healerUserOf } from './healer-marks.ts';
import { readTrial } from './trial-facts.ts';

const WALL_AHEAD_MS = 1_700_000_000_000;
const REQUESTED_MS = 100_000;
const KINDS = ['detected', 'decided', 'acted'] as const;
type Timed = readonly [atMs: number, body: EntryBody];

/** The marks of a healer beside a fault of node-2. */
function marksOf(...told: readonly Timed[]) {
  const fault = { kind: 'node.power-off', target: { kind: 'node', mode: 'one' } } as const;
  const targets = [{ kind: 'node', name: 'node-2', uid: 'n2' }] as const;
  const resolved = { leaderHit: false, podsHit: 0, podsTotal: 0, targets };
  const healer = { actsAs: 'healer' };
  const all: readonly Timed[] = [
    [0, { kind: 'trial.started', config: { healer } } as unknown as EntryBody],
    [REQUESTED_MS, { kind: 'fault.requested', injectionId: 'i', fault }],
    [REQUESTED_MS, { kind: 'fault.resolved', injectionId: 'i', ...resolved }],
    ...told,
  ];
  const entries = all.map(([monoMs, body], seq): Entry => ({
    ...body,
    seq,
    monoMs,
    wallMs: monoMs + WALL_AHEAD_MS,
  }));
  const facts = readTrial(entries);
  return healerMarks(facts, facts.injections[0]!);
}

/** The same as name, milliseconds after the request and detail. */
function marks(...told: readonly Timed[]) {
  return marksOf(...told).map((mark) => mark && [mark.name, mark.monoMs - REQUESTED_MS, mark.detail]);
}

/** How much earlier and later each may have been, and who saw it. */
function errors(...told: readonly Timed[]) {
  return marksOf(...told).map((mark) => {
    assert.ok(mark === undefined || mark.wallMs - mark.monoMs === WALL_AHEAD_MS);
    return mark && [mark.beforeMs, mark.afterMs, mark.seenBy];
  });
}

/** A line of the healer's audit that arrives 50 ms later; `bootMs` is how far its monotonic clock is behind ours. */
function told(event: (typeof KINDS)[number], sinceMs: number, node: string, bootMs = 0): Timed {
  const atMs = REQUESTED_MS + sinceMs;
  const stamps = { healerMonoMs: atMs - bootMs, healerWallMs: atMs + WALL_AHEAD_MS };
  return [atMs + 50, { kind: 'healer', event, subject: `node/${node}`, detail: node, pod: 'h', ...stamps }];
}

function wrote(atMs: number, user: string, call: { verb?: string; code?: number } = {}): Timed {
  const stageWallMs = REQUESTED_MS + atMs + WALL_AHEAD_MS;
  const about = { resource: 'nodes', name: 'node-2', verb: 'patch', code: 200, ...call };
  return [REQUESTED_MS + atMs + 50, { kind: 'api.audit', user, ...about, stageWallMs }];
}

test('what the healer says of the machine of the fault is its mark, whatever it said of another before', () => {
  const other = KINDS.map((kind, at) => told(kind, 100 + at, 'node-3'));
  const ours = KINDS.map((kind, at) => told(kind, 1_000 + at, 'node-2'));
  const again = KINDS.map((kind, at) => told(kind, 2_000 + at, 'node-2'));
  const of = (sinceMs: number, node: string) => KINDS.map((kind, at) => [kind, sinceMs + at, node]);
  assert.deepEqual(marks(...other, ...ours, ...again), of(1_000, 'node-2'));
  assert.deepEqual(marks(...other), of(100, 'node-3'));
});

test('of several words the first by the clock of the healer is the mark, in whatever order they arrive', () => {
  const [, first] = told('detected', 1_000, 'node-2');
  const late: Timed = [REQUESTED_MS + 2_000, first];
  assert.deepEqual(marks(told('detected', 1_500, 'node-2'), late)[0], ['detected', 1_000, 'node-2']);
});

test('a healer on another machine is placed by its wall clock, and never after its word arrived', () => {
  assert.deepEqual(marks(told('detected', 1_000, 'node-2', 90_000))[0], ['detected', 1_000, 'node-2']);
  const [atMs, body] = told('detected', 1_000, 'node-2', 90_000);
  assert.deepEqual(marks([atMs - 80, body])[0], ['detected', 970, 'node-2']);
});

test('of a healer that keeps no audit, acted is its first write that succeeded', () => {
  const before = wrote(-200, 'healer');
  const none = [
    wrote(100, 'other'),
    wrote(200, 'healer', { verb: 'get' }),
    wrote(300, 'healer', { code: 409 }),
  ];
  assert.deepEqual(marks(before, ...none)[2], undefined);
  assert.deepEqual(marks(before, ...none, wrote(400, 'healer'))[2], ['acted', 400, 'patch nodes node-2']);
});

test('of such a healer, detected is the first alert that began to fire since the request', () => {
  const alert = (atMs: number, name: string, startsAtMs?: number): Timed => {
    const starts =
      startsAtMs === undefined ? {} : { startsAtWallMs: REQUESTED_MS + startsAtMs + WALL_AHEAD_MS };
    const about = { source: 'receiver', name, state: 'firing', labels: {}, ...starts } as const;
    return [REQUESTED_MS + atMs, { kind: 'alert', ...about }];
  };
  const before = [alert(-10, 'early'), alert(500, 'Watchdog', -1)];
  assert.equal(marks(...before)[0], undefined);
  assert.deepEqual(marks(...before, alert(900, 'NodeSilent', 0))[0], ['detected', 900, 'NodeSilent']);
  assert.deepEqual(marks(...before, alert(800, 'NodeGone'))[0], ['detected', 800, 'NodeGone']);
});

test('a mark is as exact as the clock that it was read from', () => {
  const here = KINDS.map((kind) => told(kind, 1_000, 'node-2'));
  assert.deepEqual(errors(...here), Array(3).fill([1, 1, 'healer']));
  // A clock that is a second off is another machine's.
  assert.deepEqual(errors(told('detected', 1_000, 'node-2', 999))[0], [1, 1, 'healer']);
  assert.deepEqual(errors(told('detected', 1_000, 'node-2', 1_000))[0], [1_000, 1_000, 'healer']);
  const [atMs, body] = told('detected', 1_000, 'node-2', 90_000);
  assert.deepEqual(errors([atMs + 2_000, body])[0], [2_050, 2_050, 'healer']);
  const alert = { source: 'receiver', name: 'NodeSilent', state: 'firing', labels: {} } as const;
  assert.deepEqual(errors([REQUESTED_MS + 900, { kind: 'alert', ...alert }])[0], [
    1_000,
    1_000,
    'alert:receiver',
  ]);
  assert.deepEqual(errors(wrote(400, 'healer'))[2], [50, 50, 'api']);
});

test('what a healer said or did when the fault was asked for counts, and what it would have done does not', () => {
  const [atMs, body] = told('acted', 1_000, 'node-2');
  assert.equal(marks([atMs, { ...body, wouldDo: true } as EntryBody])[2], undefined);
  assert.deepEqual(marks(told('acted', 0, 'node-2'))[2], ['acted', 0, 'node-2']);
  assert.equal(marks(told('acted', -1, 'node-2'))[2], undefined);
  assert.equal(marks(told('acted', -60, 'node-2'))[2], undefined);
  const alert = { source: 'receiver', name: 'NodeSilent', state: 'firing', labels: {} } as const;
  assert.deepEqual(marks([REQUESTED_MS, { kind: 'alert', ...alert }])[0], ['detected', 0, 'NodeSilent']);
  assert.equal(marks([REQUESTED_MS + 5, { kind: 'alert', ...alert, state: 'pending' }])[0], undefined);
});

test('a healer acts as the user that the trial names, as our service account without one, and not where it is off', () => {
  const user = (config: object): string | undefined =>
    healerUserOf(
      readTrial([{ kind: 'trial.started', config, seq: 0, monoMs: 0, wallMs: 0 } as unknown as Entry]),
    );
  assert.equal(user({ healer: { actsAs: 'remediator' } }), 'remediator');
  for (const healer of ['firedrill', null, {}])
    assert.equal(user({ healer }), 'system:serviceaccount:firedrill-system:firedrill-healer');
  assert.deepEqual(
    [user({ healer: 'off' }), user({}), healerUserOf(readTrial([]))],
    [undefined, undefined, undefined],
  );
});
