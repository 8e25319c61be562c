import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { observeHealer, type HealerPod } from './healer.ts';
import { answering } from './testing/answering.ts';
import { PacedClock } from './testing/paced-clock.ts';
import { bodyOf, record } from './testing/recording.ts';

const token = () => Promise.resolve('');

/** A replica whose audit is read in these parts, each a stream that ends; where there is a status, or none, it is not there. */
function replica(name: string, ...parts: readonly (number | readonly object[])[]) {
  const asked: string[] = [];
  let status = 200;
  const connect = answering(
    ({ path, form }) => {
      const told = parts[asked.length] ?? 503;
      asked.push(`${path} ${form['from'] ?? ''}`);
      status = typeof told === 'number' ? told : 200;
      return typeof told === 'number' ? {} : told.map((line) => JSON.stringify(line)).join('\n');
    },
    () => status,
  );
  return { asked, pod: { name, uid: name, connect } satisfies HealerPod };
}

const line = (seq: number, wallMs: number, event: string, more: object = {}) => ({
  ...{ seq, wallMs, monoMs: wallMs + 1, event, subject: 'node-2', detail: 'd', bootId: 'b' },
  ...more,
});

test('of a replica each line since the trial began is told, and who leads whenever that was; what is lost is a gap', async () => {
  const clock = new PacedClock();
  const extra = { wouldDo: true, attempt: 'a', action: 'Cordon', result: 'done', phase: 'p', objects: ['o'] };
  const { asked, pod } = replica(
    'h',
    [line(0, 9_999, 'leader'), line(1, 9_999, 'detected'), line(2, 10_000, 'acted', extra)],
    [line(5, 10_001, 'decided')],
    500,
    500,
    [line(6, 10_002, 'recovered')],
  );
  const journal = record();
  const observer = await observeHealer({ token, pods: () => Promise.resolve([pod]), clock })(
    journal.append,
    new AbortController().signal,
  );
  await clock.settled(2);
  for (let part = 1; part < 5; part++) await clock.pass(500, 2);
  await observer.stop();
  const told = { subject: 'node-2', detail: 'd', bootId: 'b', pod: 'h', kind: 'healer' };
  assert.deepEqual(journal.of('healer').map(bodyOf), [
    { ...told, event: 'leader', healerWallMs: 9_999, healerMonoMs: 10_000 },
    { ...told, event: 'acted', healerWallMs: 10_000, healerMonoMs: 10_001, ...extra },
    { ...told, event: 'decided', healerWallMs: 10_001, healerMonoMs: 10_002 },
    { ...told, event: 'recovered', healerWallMs: 10_002, healerMonoMs: 10_003 },
  ]);
  assert.deepEqual(asked, ['/audit 0', '/audit 3', '/audit 6', '/audit 6', '/audit 6']);
  assert.deepEqual(
    journal
      .of('observer')
      .map(({ state, fromMonoMs, toMonoMs, reason }) => [state, fromMonoMs, toMonoMs, reason]),
    [
      ['started', undefined, undefined, undefined],
      ['gap', 10_000, undefined, 'h: lines 3 to 4 are lost'],
      ['gap', 10_000, 10_500, 'h: lines 3 to 4 are lost'],
      ['gap', 10_500, undefined, 'h: it did not answer any more'],
      ['gap', 10_500, 12_000, 'h: it did not answer any more'],
      ['gap', 12_000, undefined, 'h: it did not answer any more'],
      ['gap', 12_000, 12_000, 'h: it did not answer any more'],
      ['stopped', undefined, undefined, undefined],
    ],
  );
  assert.deepEqual(
    journal.of('note').map(({ text }) => text),
    ['healer h: its stream ended', 'healer h: its stream ended', 'healer h: its stream ended'],
  );
});

test('replicas are asked for again: one that is gone is read no more, one that came is, and where nobody knows them there is a gap', async () => {
  const clock = new PacedClock();
  const [one, two] = [replica('one'), replica('two')];
  let pods: readonly HealerPod[] | undefined = [one.pod];
  const journal = record();
  const observer = await observeHealer({
    token,
    pods: () => (pods === undefined ? Promise.reject(new Error('no route')) : Promise.resolve(pods)),
    clock,
  })(journal.append, new AbortController().signal);
  await clock.settled(2);
  pods = undefined;
  await clock.pass(1_000, 2);
  const readings = one.asked.length;
  await clock.pass(1_000, 2);
  assert.equal(one.asked.length, readings + 1, 'the replica that is known is read on');
  pods = [two.pod];
  await clock.pass(1_000, 2);
  const [ofOne, ofTwo] = [one.asked.length, two.asked.length];
  await clock.pass(1_000, 2);
  assert.deepEqual([one.asked.length, two.asked.length], [ofOne, ofTwo + 1]);
  await observer.stop();
  const gaps = journal.of('observer').filter(({ reason }) => reason?.startsWith('its replicas') === true);
  assert.deepEqual(
    gaps.map(({ reason, fromMonoMs, toMonoMs }) => [reason, fromMonoMs, toMonoMs]),
    [
      ['its replicas could not be listed: no route', 10_000, undefined],
      ['its replicas could not be listed: no route', 10_000, 13_000],
    ],
  );
});

test('replicas that cannot be listed because the trial ends are no gap', async () => {
  const clock = new PacedClock();
  const trial = new AbortController();
  const { pod } = replica('h');
  let isEnding = false;
  const journal = record();
  const observer = await observeHealer({
    token,
    pods: () => {
      if (!isEnding) return Promise.resolve([pod]);
      trial.abort(new Error('the trial ended'));
      return Promise.reject(new Error('the trial ended'));
    },
    clock,
  })(journal.append, trial.signal);
  await clock.settled(2);
  isEnding = true;
  await clock.pass(1_000, 0);
  await observer.stop();
  assert.deepEqual(
    journal.of('observer').filter(({ reason }) => reason?.startsWith('its replicas') === true),
    [],
  );
});

test('the end of a replica that is asked just then is told before the end of its observer', async () => {
  const clock = new PacedClock();
  const { pod } = replica('h');
  const asked = Promise.withResolvers<undefined>();
  let isSilent = false;
  const silent: HealerPod = {
    ...pod,
    connect: () => {
      if (!isSilent) return pod.connect();
      asked.resolve(undefined);
      return Promise.resolve(duplexPair()[0]);
    },
  };
  const journal = record();
  const observer = await observeHealer({ token, pods: () => Promise.resolve([silent]), clock })(
    journal.append,
    new AbortController().signal,
  );
  await clock.settled(2);
  isSilent = true;
  await clock.pass(500, 1);
  await asked.promise;
  await observer.stop();
  assert.deepEqual(
    journal.of('observer').map(({ state, toMonoMs }) => [state, toMonoMs]),
    [
      ['started', undefined],
      ['gap', undefined],
      ['gap', 10_500],
      ['stopped', undefined],
    ],
  );
});
