import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertEvent, Entry } from '../../harness/core/journal/journal.ts';
import { given } from '../../harness/core/given.ts';
import { readAlerts } from './read-alerts.ts';

const FRAME = { zeroMonoMs: 0, zeroWallMs: 0, zeroIs: 'fault effective' } as const;

function alerts(
  ...told: (readonly [
    atMs: number,
    name: string,
    state: AlertEvent['state'],
    pod?: string | undefined,
    source?: AlertEvent['source'],
  ])[]
): Entry[] {
  return told.map(([atMs, name, state, pod, source], seq) => ({
    seq,
    monoMs: atMs,
    wallMs: atMs,
    kind: 'alert',
    source: source ?? 'prometheus',
    name,
    state,
    labels: given({ pod }),
  }));
}

test('instances of one alert are one row, firing while any of them fires', () => {
  const { rows } = readAlerts(
    alerts(
      [100, 'PodDown', 'pending', 'a'],
      [200, 'PodDown', 'firing', 'a'],
      [300, 'PodDown', 'firing', 'b'],
      [400, 'PodDown', 'resolved', 'a'],
      [600, 'PodDown', 'resolved', 'b'],
    ),
    FRAME,
    0,
    1000,
  );
  assert.deepEqual(rows, [
    {
      label: 'PodDown (2)',
      receivedMs: [],
      stretches: [
        { state: 'pending', fromMs: 100, toMs: 200 },
        { state: 'firing', fromMs: 200, toMs: 600 },
      ],
    },
  ]);
});

test('an alert that never fired is named, but given no length: nobody recorded its end', () => {
  const reading = readAlerts(
    alerts([100, 'TargetDown', 'pending'], [-500, 'Old', 'pending']),
    FRAME,
    0,
    1000,
  );
  assert.deepEqual(reading, { rows: [], constant: [], onlyPending: ['TargetDown'] });
});

test('an alert that fires throughout is named apart from those that the fault caused', () => {
  const reading = readAlerts(
    alerts([-500, 'Watchdog', 'firing'], [300, 'NodeDown', 'firing']),
    FRAME,
    0,
    1000,
  );
  assert.deepEqual(reading.constant, ['Watchdog']);
  assert.deepEqual(
    reading.rows.map((row) => row.label),
    ['NodeDown'],
  );
  assert.equal(reading.rows[0]?.stretches[0]?.toMs, 1000);
});

test('what the receiver got is marked on the row and does not change it', () => {
  const { rows } = readAlerts(
    alerts([100, 'NodeDown', 'firing'], [900, 'NodeDown', 'firing', undefined, 'receiver']),
    FRAME,
    0,
    1000,
  );
  assert.deepEqual(rows[0]?.receivedMs, [900]);
  assert.equal(rows[0].stretches.length, 1);
});
