import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observeProbe } from './probe.ts';
import { answering } from './testing/answering.ts';
import { bodyOf, record } from './testing/recording.ts';
import { SteppedClock } from './testing/stepped-clock.ts';

/** What the agent answers to one reader after the other: the lines of a stream, which then ends, or a status. */
type Reads = readonly (number | readonly object[])[];

function agent(reads: Reads, clockOf: () => unknown) {
  const asked: string[] = [];
  const done = Promise.withResolvers<undefined>();
  const state = { refusesTargets: false, status: 200, read: 0 };
  const connect = answering(
    ({ method, path, form }) => {
      const query = new URLSearchParams(form).toString();
      asked.push(`${method} ${path}${query === '' || method === 'POST' ? '' : `?${query}`}`);
      state.status = 200;
      if (path === '/clock') return clockOf();
      if (path !== '/samples') {
        if (method === 'POST' && state.refusesTargets) state.status = 502;
        return {};
      }
      const told = reads[state.read++] ?? 404;
      if (state.read === reads.length) done.resolve(undefined);
      if (typeof told === 'number') state.status = told;
      return typeof told === 'number' ? {} : told.map((line) => JSON.stringify(line)).join('\n');
    },
    () => state.status,
  );
  return { asked, state, connect, allRead: done.promise };
}

const hello = (instance: string, bootId = 'theirs') => ({ type: 'hello', instance, bootId });
const sample = (seq: number, outcome: string, more: object = {}) => ({
  ...{ type: 'sample', seq, dueMonoMs: 100 + 50 * seq, lateMs: 0.5, latencyMs: 7, outcome },
  ...more,
});
const gap = (reason: string, fromSeq: number, toSeq: number) => ({
  ...{
    type: 'gap',
    reason,
    fromSeq,
    toSeq,
    fromDueMonoMs: 100 + 50 * fromSeq,
    toDueMonoMs: 100 + 50 * toSeq,
  },
});
const target = { name: 'shop', url: 'http://shop/' };

test('each line of the agent is journalled on our clock, numbers go on behind a new instance, and every break is told', async () => {
  const reads: Reads = [
    [
      hello('one'),
      sample(0, 'ok', { status: 200 }),
      sample(1, 'status', { status: 503, error: 'it said 503' }),
      sample(2, 'timeout'),
      sample(3, 'local', { error: 'no port' }),
      sample(4, 'local'),
      { type: 'beat' },
      gap('late', 5, 6),
      gap('overwritten', 7, 8),
    ],
    410,
    [hello('two'), sample(0, 'ok'), { type: 'end', reason: 'unread' }],
    500,
    [hello('two', 'elsewhere')],
    [{ type: 'end', reason: 'stopped' }],
  ];
  const clock = new SteppedClock(10_000);
  const reading = { bootId: 'theirs', monoMs: 500 };
  const { asked, state, connect, allRead } = agent(reads, () => reading);
  const journal = record();
  const start = observeProbe({ connect, token: 't', target, bootId: 'ours', clock });
  const observer = await start(journal.append, new AbortController().signal);
  await clock.step();
  await clock.step();
  state.refusesTargets = true;
  await clock.step();
  state.refusesTargets = false;
  void clock.step();
  await allRead;
  reading.monoMs = 1_270;
  await observer.stop();
  const of = (kind: string) => journal.entries.filter((entry) => entry.kind === kind).map(bodyOf);
  const told = { kind: 'probe.sample', target: 'shop', latencyMs: 7, lateMs: 0.5 };
  assert.deepEqual(of('probe.sample'), [
    { ...told, probeSeq: 0, dueMonoMs: 9_600, ok: true, status: 200 },
    { ...told, probeSeq: 1, dueMonoMs: 9_650, ok: false, status: 503, error: 'status: it said 503' },
    { ...told, probeSeq: 2, dueMonoMs: 9_700, ok: false, error: 'timeout' },
    { ...told, probeSeq: 10, dueMonoMs: 9_600, ok: true },
  ]);
  const lost = (fromSeq: number, toSeq: number, fromMonoMs: number, toMonoMs: number, reason: string) => ({
    ...{ kind: 'probe.gap', target: 'shop', fromSeq, toSeq, fromMonoMs, toMonoMs, reason },
  });
  assert.deepEqual(of('probe.gap'), [
    lost(3, 3, 9_750, 9_750, 'the probe itself could not send: no port'),
    lost(4, 4, 9_800, 9_800, 'the probe itself could not send: no reason given'),
    lost(5, 6, 9_850, 9_900, 'the probe had no CPU'),
    lost(7, 8, 9_950, 10_000, 'the reader came too late'),
    lost(9, 9, 10_000, 10_200, 'the probe was started anew'),
  ]);
  const notes = journal.of('note').map(({ text }) => text);
  assert.deepEqual(
    notes.map((text) => text.replace(/ \S*502\S*.*$/, ' 502')),
    [
      'probe:shop: the stream of samples ended; resuming at 9',
      'probe:shop: the stream of samples ended; resuming at 1',
      'probe:shop: the probe answered 500; resuming at 1',
      notes[3]?.replace(/ \S*502\S*.*$/, ' 502'),
      "probe:shop: the probe's machine is another one now (boot elsewhere); resuming at 1",
    ],
  );
  assert.match(notes[3] ?? '', /^probe:shop: .*502/);
  assert.doesNotMatch(notes[3] ?? '', /resuming/);
  assert.deepEqual(of('probe.clock'), [
    { kind: 'probe.clock', target: 'shop', sameBoot: false, offsetMs: 9_500, errorMs: 0 },
    { kind: 'probe.clock', target: 'shop', sameBoot: false, offsetMs: 9_530, errorMs: 30 },
  ]);
  assert.deepEqual(
    asked.filter((request) => !request.includes('/clock')),
    [
      'POST /targets',
      'GET /samples?target=shop&from=0',
      'POST /targets',
      'GET /samples?target=shop&from=9&instance=one',
      'GET /samples?target=shop&from=0',
      'POST /targets',
      'GET /samples?target=shop&from=1&instance=two',
      'POST /targets',
      'GET /samples?target=shop&from=1&instance=two',
      'POST /targets',
      'GET /samples?target=shop&from=1&instance=two',
      'DELETE /targets/shop',
    ],
  );
});

test('on one machine the clocks are one and are compared once; a target that cannot be stopped is told', async () => {
  const { asked, connect, allRead } = agent([[{ type: 'end', reason: 'stopped' }]], () => ({
    bootId: 'ours',
    monoMs: 5,
  }));
  let isGone = false;
  const journal = record();
  const clock = new SteppedClock(10_000);
  const options = { token: 't', target, bootId: 'ours', clock };
  const observer = await observeProbe({
    ...options,
    connect: () => (isGone ? Promise.reject(new Error('no route')) : connect()),
  })(journal.append, new AbortController().signal);
  await allRead;
  isGone = true;
  await observer.stop();
  assert.deepEqual(
    journal.of('probe.clock').map(({ sameBoot, offsetMs, errorMs }) => [sameBoot, offsetMs, errorMs]),
    [[true, 0, 0]],
  );
  assert.deepEqual(
    journal.of('note').map(({ text }) => text),
    ['probe:shop: stopped without its last samples: no route'],
  );
  assert.equal(asked.filter((request) => request === 'GET /clock').length, 1);
});

test('a trial that ends while the target is set up again tells nothing of it', async () => {
  const trial = new AbortController();
  const { connect, asked } = agent([[hello('one', 'ours')]], () => ({ bootId: 'ours', monoMs: 5 }));
  const journal = record();
  const clock = new SteppedClock(10_000);
  const isAgain = () => asked.includes('GET /samples?target=shop&from=0');
  const observer = await observeProbe({
    ...{ token: 't', target, bootId: 'ours', clock },
    connect: () => {
      if (isAgain()) trial.abort(new Error('the trial ended'));
      return connect();
    },
  })(journal.append, trial.signal);
  const ended = journal.until((entries) => entries.some(({ kind }) => kind === 'note'));
  await ended;
  void clock.step();
  await observer.stop();
  assert.deepEqual(
    journal.of('note').map(({ text }) => text),
    ['probe:shop: the stream of samples ended; resuming at 0'],
  );
});
