import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryBody } from '../journal/journal.ts';
import { probeTraces } from './probe-traces.ts';
import { requests, trialOf, type Told } from './testing/told-trial.ts';

const tracesOf = (...told: readonly Told[]) => probeTraces(trialOf(...told).entries);
const seqOf = ([, body]: Told): number => (body.kind === 'probe.sample' ? body.probeSeq : -1);
const without = (told: readonly Told[], ...lost: readonly number[]): Told[] =>
  told.filter((one) => !lost.includes(seqOf(one)));
const gap = (fromSeq: number, toSeq: number, target = 'shop'): Told => [
  60_000,
  { kind: 'probe.gap', target, fromSeq, toSeq, fromMonoMs: 500, toMonoMs: 600, reason: 'ring' },
];
const state = (observer: string, more: object): Told => [
  700,
  { kind: 'observer', observer, ...more } as EntryBody,
];

test('each target has a trace of its own requests, also one that was set up and never asked', () => {
  const traces = tracesOf(
    ...requests(0, 200, () => true, 'a'),
    ...requests(0, 100, () => true, 'b'),
    state('probe:c', { state: 'started' }),
    state('alerts', { state: 'started' }),
    gap(1, 2, 'd'),
  );
  assert.deepEqual(
    traces.map(({ target, samples }) => [target, samples.length]),
    [
      ['a', 5],
      ['b', 3],
      ['d', 0],
      ['c', 0],
    ],
  );
  assert.deepEqual(
    traces.map(({ clockErrorMs }) => clockErrorMs),
    [0, 0, 0, 0],
  );
});

test('a request that is missing near the end is under way, and nothing after it is judged', () => {
  const all = requests(0, 10_000);
  const last = (...lost: readonly number[]) => {
    const [trace] = tracesOf(...without(all, ...lost));
    return [trace?.samples.length, trace?.gaps.length];
  };
  assert.deepEqual(last(), [201, 0]);
  assert.deepEqual(last(195), [195, 0]);
  assert.deepEqual(last(195, 197), [195, 0]);
  // The request before it was due 2.5 s before the newest.
  assert.deepEqual(last(152), [152, 0]);
  assert.deepEqual(last(151), [200, 1]);
  assert.deepEqual(last(0), [200, 0]);
});

test('requests that are missing further back are a gap between their neighbours, told with their number', () => {
  const [trace] = tracesOf(...without(requests(0, 10_000), 20, 21, 22));
  assert.deepEqual(trace?.gaps, [
    { fromMonoMs: 950, toMonoMs: 1_150, reason: '3 requests are missing after number 19' },
  ]);
  assert.equal(trace.samples.length, 198);
});

test('what the probe tells of a gap itself is told once, where it covers all that is missing', () => {
  const told = { fromMonoMs: 500, toMonoMs: 600, reason: 'ring' };
  const holed = without(requests(0, 10_000), 20, 21, 22);
  const gaps = (...more: readonly Told[]): number | undefined => tracesOf(...holed, ...more)[0]?.gaps.length;
  assert.deepEqual(tracesOf(...holed, gap(20, 22))[0]?.gaps, [told]);
  assert.deepEqual(
    [gaps(gap(19, 23)), gaps(gap(21, 22)), gaps(gap(20, 21)), gaps(gap(20, 22, 'api'))],
    [1, 2, 2, 1],
  );
});

test('of a request that was told twice the later word counts, and the order of arrival is no matter', () => {
  const all = requests(0, 500);
  const again: Told = [900, { ...all[4]![1], ok: false } as EntryBody];
  const [trace] = tracesOf(...all, again);
  assert.deepEqual(
    trace?.samples.map(({ ok }) => ok),
    [true, true, true, true, false, true, true, true, true, true, true],
  );
  const late: Told = [800, all[3]![1]];
  const [shuffled] = tracesOf(...without(all, 3), late);
  assert.deepEqual(
    shuffled?.samples.map(({ dueMonoMs }) => dueMonoMs),
    Array.from({ length: 11 }, (_, n) => 50 * n),
  );
});

test('a stream of the probe that was cut is a gap, for ever where no end is told', () => {
  const gaps = (observer: string, more: object) =>
    tracesOf(...requests(0, 500), state(observer, more))[0]?.gaps;
  const cut = { state: 'gap', fromMonoMs: 100, toMonoMs: 300, reason: 'reset' };
  assert.deepEqual(gaps('probe:shop', cut), [{ fromMonoMs: 100, toMonoMs: 300, reason: 'reset' }]);
  assert.deepEqual(gaps('probe:shop', { state: 'gap' }), [
    { fromMonoMs: 700, toMonoMs: Infinity, reason: 'the stream of the probe was cut' },
  ]);
  assert.deepEqual(gaps('probe:shop', { ...cut, state: 'stopped' }), []);
  assert.deepEqual(gaps('probe:api', cut), []);
});

test('the clock of a probe is as wrong as it was said to be at worst', () => {
  const clock = (target: string, errorMs: number): Told => [
    10,
    { kind: 'probe.clock', target, sameBoot: false, offsetMs: 0, errorMs },
  ];
  const [trace] = tracesOf(
    ...requests(0, 500),
    clock('shop', 3),
    clock('shop', 7),
    clock('shop', 5),
    clock('api', 9),
  );
  assert.equal(trace?.clockErrorMs, 7);
});
