import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observeAlerts } from './alerts.ts';
import { answering } from './testing/answering.ts';
import { SteppedClock } from './testing/stepped-clock.ts';
import { record } from './testing/recording.ts';

const activeAt = '1970-01-01T00:00:01Z';
const alert = (alertname: string, state: string, labels: object = {}) => ({
  ...{ labels: { alertname, ...labels }, state, activeAt },
});

test('each change of an alert is told once; one that was only pending goes silently, a blind second is a gap', async () => {
  const looks: readonly (readonly ReturnType<typeof alert>[] | 'down')[] = [
    [alert('a', 'pending'), alert('b', 'pending'), alert('c', 'firing', { zone: '1' })],
    [alert('c', 'firing', { zone: '1' }), alert('a', 'firing')],
    'down',
    [alert('c', 'firing', { zone: '2' })],
  ];
  const journal = record();
  const clock = new SteppedClock();
  let look = 0;
  const said = (): (typeof looks)[number] => looks[look] ?? 'down';
  const connect = answering(
    () => (said() === 'down' ? { error: 'starting' } : { status: 'success', data: { alerts: said() } }),
    () => (said() === 'down' ? 503 : 200),
  );
  const observer = await observeAlerts({
    connect,
    clock,
  })(journal.append, new AbortController().signal);
  for (look = 1; look < looks.length; look++) await clock.step();
  await observer.stop();
  assert.deepEqual(
    journal
      .of('alert')
      .map(({ name, state, labels, startsAtWallMs }) => [name, state, labels['zone'], startsAtWallMs]),
    [
      ['a', 'pending', undefined, 1_000],
      ['b', 'pending', undefined, 1_000],
      ['c', 'firing', '1', 1_000],
      ['a', 'firing', undefined, 1_000],
      ['c', 'firing', '2', 1_000],
      ['c', 'resolved', '1', 1_000],
      ['a', 'resolved', undefined, 1_000],
    ],
  );
  assert.deepEqual(
    journal.of('observer').map(({ state, fromMonoMs, toMonoMs }) => [state, fromMonoMs, toMonoMs]),
    [
      ['started', undefined, undefined],
      ['gap', 1_000, undefined],
      ['gap', 1_000, 3_000],
      ['stopped', undefined, undefined],
    ],
  );
});
