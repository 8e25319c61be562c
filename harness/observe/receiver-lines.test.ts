import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observeReceiver } from './receiver.ts';
import { answering } from './testing/answering.ts';
import { record } from './testing/recording.ts';
import { SteppedClock } from './testing/stepped-clock.ts';

const hello = (instance: string) => ({ type: 'hello', instance });
const received = (seq: number, wallMs: number, form: string, body: object) => ({
  ...{ type: 'received', seq, wallMs, form, body },
});
const alert = (
  status: string,
  second: number,
  fingerprint = 'f',
  labels: object = { alertname: 'Down' },
) => ({
  alerts: [{ fingerprint, status, labels, startsAt: new Date(second * 1_000).toISOString() }],
});

test('what was delivered since the trial began is told once for each episode, and where the receiver was not there is a gap', async () => {
  const reads: readonly (number | readonly object[])[] = [
    [
      hello('one'),
      received(4, 9_999, 'webhook', alert('firing', 1)),
      received(5, 10_000, 'webhook', alert('firing', 2)),
      received(6, 10_001, 'webhook', alert('firing', 2)),
      received(7, 10_002, 'webhook', alert('firing', 2, 'g', {})),
      received(8, 10_003, 'slack', { text: 'node-2 is lost' }),
      received(9, 10_004, 'slack', { attachments: [] }),
      { type: 'beat' },
    ],
    410,
    [hello('two'), received(0, 10_005, 'webhook', alert('resolved', 2))],
    500,
    503,
    [hello('two'), received(1, 10_006, 'webhook', alert('firing', 3))],
  ];
  const asked: (string | undefined)[][] = [];
  let status = 200;
  const connect = answering(
    ({ path, form }) => {
      const told = reads[asked.length] ?? 404;
      asked.push([path, form['follow'], form['from'], form['instance']]);
      status = typeof told === 'number' ? told : 200;
      return typeof told === 'number' ? {} : told.map((line) => JSON.stringify(line)).join('\n');
    },
    () => status,
  );
  const clock = new SteppedClock(10_000);
  const journal = record();
  const observer = await observeReceiver({ connect, token: 't', clock })(
    journal.append,
    new AbortController().signal,
  );
  for (let read = 1; read < reads.length; read++) await clock.step();
  await observer.stop();
  assert.deepEqual(
    journal
      .of('alert')
      .map(({ source, name, state, startsAtWallMs }) => [source, name, state, startsAtWallMs]),
    [
      ['receiver', 'Down', 'firing', 2_000],
      ['receiver', '', 'firing', 2_000],
      ['receiver', 'Down', 'resolved', 2_000],
      ['receiver', 'Down', 'firing', 3_000],
    ],
  );
  assert.deepEqual(
    journal.of('note').map(({ text }) => text),
    [
      'delivered to Slack: node-2 is lost',
      'receiver: its stream ended',
      'receiver: it answered 410',
      'receiver: its stream ended',
      'receiver: it answered 500',
      'receiver: it answered 503',
      'receiver: its stream ended',
    ],
  );
  assert.deepEqual(
    journal
      .of('observer')
      .map(({ state, fromMonoMs, toMonoMs, reason }) => [state, fromMonoMs, toMonoMs, reason]),
    [
      ['started', undefined, undefined, undefined],
      ['gap', 10_000, undefined, 'the receiver was started anew'],
      ['gap', 10_000, 11_000, 'the receiver was started anew'],
      ['gap', 11_000, undefined, 'it answered 500'],
      ['gap', 11_000, 12_500, 'it answered 500'],
      ['stopped', undefined, undefined, undefined],
    ],
  );
  const path = ['/received', 'true'];
  assert.deepEqual(asked, [
    [...path, '0', undefined],
    [...path, '10', 'one'],
    [...path, '0', undefined],
    [...path, '1', 'two'],
    [...path, '1', 'two'],
    [...path, '1', 'two'],
  ]);
});
