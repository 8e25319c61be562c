import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SloClaim } from '../core/journal/journal.ts';
import { readTrial } from '../core/recovery/trial-facts.ts';
import {
  alertsOf,
  alertWitnesses,
  firedAfter,
  firingAt,
  identity,
  nameOf,
  type Alert,
} from './alert-events.ts';
import type { Claim } from './check.ts';

const WALL_AHEAD_MS = 1_000_000;

function alert(monoMs: number, state: Alert['state'] = 'firing', more: Partial<Alert> = {}): Alert {
  const stamps = { seq: 0, monoMs, wallMs: monoMs + WALL_AHEAD_MS };
  return { kind: 'alert', source: 'prometheus', name: 'Down', state, labels: {}, ...stamps, ...more };
}

const claim = (change: Partial<SloClaim>): Claim => ({
  ...{ kind: 'slo.claim', claimId: 'c1', claim: 'stay-silent', sloId: 'Down', query: '', stableForMs: 0 },
  ...{ seq: 0, monoMs: 0, wallMs: 0 },
  ...change,
});

test('an alert is the same whatever the order of its labels, and another with another label, name or source', () => {
  const one = identity(alert(0, 'firing', { labels: { a: '1', b: '2', c: '3' } }));
  for (const labels of [
    { c: '3', b: '2', a: '1' },
    { b: '2', a: '1', c: '3' },
    { b: '2', c: '3', a: '1' },
  ])
    assert.equal(identity(alert(9, 'resolved', { labels })), one);
  const labels = { a: '1', b: '2', c: '3' };
  for (const other of [
    { labels: { ...labels, a: '2' } },
    { labels, name: 'Slow' },
    { labels, source: 'receiver' as const },
  ])
    assert.notEqual(identity(alert(0, 'firing', other)), one);
});

test('a claim is about the alerts of its name and labels that Prometheus told of', () => {
  const told = [
    alert(1, 'firing', { labels: { node: 'a', zone: 'z' } }),
    alert(2, 'firing', { labels: { node: 'b', zone: 'z', severity: 'none' } }),
    alert(3, 'firing', { name: 'Slow', labels: { node: 'a' } }),
    alert(4, 'firing', { source: 'receiver', labels: { node: 'a', zone: 'z' } }),
  ];
  const instants = (change: Partial<SloClaim>) =>
    alertsOf(readTrial(told), claim(change)).map(({ monoMs }) => monoMs);
  assert.deepEqual(instants({}), [1, 2]);
  assert.deepEqual(instants({ sloId: 'Slow' }), [3]);
  assert.deepEqual(instants({ sloId: '*' }), [1, 3]);
  assert.deepEqual(instants({ subject: { alert: 'Down', labels: { zone: 'z', node: 'b' } } }), [2]);
  assert.deepEqual(instants({ subject: { alert: 'Down', labels: { zone: 'z', node: 'c' } } }), []);
  assert.deepEqual(instants({ sloId: 'x', subject: { alert: 'Slow' } }), [3]);
  assert.equal(nameOf(claim({ sloId: 'healer actions', subject: { healer: 'actions' } })), 'healer actions');
  assert.deepEqual(alertWitnesses(claim({ subject: { alert: 'Slow' } })), ['alerts', 'alert rule Slow']);
});

test('what fires at an instant has fired until then and not resolved', () => {
  const [a, b] = [{ labels: { n: 'a' } }, { labels: { n: 'b' } }];
  const events = [
    alert(10, 'firing', a),
    alert(20, 'firing', b),
    alert(25, 'pending', a),
    alert(30, 'resolved', a),
  ];
  const count = (monoMs: number) => firingAt(events, monoMs).size;
  assert.deepEqual([9, 10, 20, 29, 30].map(count), [0, 1, 2, 2, 1]);
});

test('an alert that is told to fire began to since it was last seen not to, a second ago at most', () => {
  const fired = alert(10_000);
  const after = (...before: readonly Alert[]) => firedAfter([...before, fired], fired);
  assert.equal(after(), 9_000);
  assert.equal(after(alert(9_400, 'pending')), 9_400);
  assert.equal(after(alert(9_200, 'pending'), alert(9_400, 'pending')), 9_400);
  assert.equal(after(alert(8_000, 'pending')), 9_000);
  assert.equal(after(alert(9_400, 'resolved')), 9_000);
  assert.equal(after(alert(9_400, 'pending', { labels: { n: 'other' } })), 9_000);
  assert.equal(after(alert(10_000, 'pending')), 9_000);
});

test('Prometheus itself may say since when an alert is active, which is no later than it is told', () => {
  const since = (startsAtMs: number) => {
    const fired = alert(10_000, 'firing', { startsAtWallMs: startsAtMs + WALL_AHEAD_MS });
    return firedAfter([fired], fired);
  };
  assert.deepEqual([since(9_700), since(3_000), since(10_500)], [9_700, 9_000, 10_000]);
});
