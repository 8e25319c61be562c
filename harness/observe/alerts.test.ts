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
const rule = (name: string, more: object = {}) => ({
  ...{ type: 'alerting', name, state: 'inactive', health: 'ok', alerts: [] },
  ...more,
});
const answer = (rules: readonly object[], interval?: number) => ({
  ...{ status: 'success', data: { groups: [{ rules, interval }] } },
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
    () => {
      const alerts = said();
      if (alerts === 'down') return { error: 'starting' };
      const of = (name: string) => alerts.filter(({ labels }) => labels.alertname === name);
      const names = new Set([...alerts.map(({ labels }) => labels.alertname), 'a', 'b', 'c']);
      return answer([...names].map((name) => rule(name, { alerts: of(name) })));
    },
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

test('the alerting rules are told at first, when they are others, and when one fails or is mended, each before its alerts', async () => {
  const fires = { alerts: [alert('a', 'firing')] };
  const torn = (lastError: string) => [rule('a', { health: 'err', lastError }), rule('b')];
  const looks: readonly (readonly object[])[] = [
    [rule('a', fires), rule('b'), rule('b'), { type: 'recording', name: 'r', health: 'ok' }],
    [rule('b'), rule('a', fires)],
    torn('at 1'),
    torn('at 2'),
    [rule('a', { health: 'unknown' })],
    [rule('a')],
  ];
  const journal = record();
  const clock = new SteppedClock();
  let look = 0;
  const connect = answering(() => answer(looks[look] ?? []));
  const observer = await observeAlerts({ connect, clock })(journal.append, new AbortController().signal);
  for (look = 1; look < looks.length; look++) await clock.step();
  await observer.stop();
  const told = journal.entries.filter(({ kind }) => kind === 'alert.rules' || kind === 'alert');
  assert.deepEqual(
    told.map((entry) =>
      entry.kind === 'alert.rules' ? [entry.rules.join(), entry.failing, entry.sinceMonoMs] : entry.kind,
    ),
    [
      ['a,b', {}, 0],
      'alert',
      ['a,b', { a: 'at 1' }, 1_000],
      'alert',
      ['a', { a: 'it was not evaluated yet' }, 3_000],
      ['a', {}, 4_000],
    ],
  );
});

test('a rule that says it is well, and was not evaluated for more than two and a half of its intervals, is told since it last was', async () => {
  const journal = record();
  const clock = new SteppedClock();
  // Evaluated as usual; one evaluation left out; then none any more, until it goes on. The second has no time of its own.
  const evaluations = ['0', '0', '2', '2', '2', '2', '6', '7'];
  let look = 0;
  const connect = answering(() =>
    answer(
      [rule('a', { lastEvaluation: evaluations[look] }), rule('b', { lastEvaluation: String(look) })],
      1,
    ),
  );
  const observer = await observeAlerts({ connect, clock })(journal.append, new AbortController().signal);
  for (look = 1; look < evaluations.length; look++) await clock.step();
  await observer.stop();
  const told = journal.of('alert.rules').map(({ failing, sinceMonoMs }) => [failing, sinceMonoMs]);
  const reason = 'it was not evaluated for 3 s, and is due every 1 s';
  assert.deepEqual(told, [
    [{}, 0],
    [{ a: reason }, 2_000],
    [{}, 5_000],
  ]);
});

test('a rule is late only behind its own interval, by the time of the question, and never where that is not told', async () => {
  for (const [interval, isLate] of [
    [1.2, false],
    [1.19, true],
    [undefined, false],
  ] as const) {
    const journal = record();
    const clock = new SteppedClock();
    const connect = answering(() => answer([rule('a', { lastEvaluation: 'once' })], interval));
    const observer = await observeAlerts({ connect, clock })(journal.append, new AbortController().signal);
    for (let second = 1; second <= 3; second++) await clock.step();
    await observer.stop();
    assert.equal(journal.of('alert.rules').length, isLate ? 2 : 1, `${interval} s`);
  }
});
