import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeGap,
  firstBad,
  firstGood,
  gapWithin,
  medianPeriodMs,
  silences,
  tooSeldom,
} from './probe-windows.ts';

const due = (...dues: readonly number[]) =>
  dues.map((dueMonoMs) => ({ dueMonoMs, ok: true, latencyMs: 1, lateMs: 0 }));

test('the period of a probe is the median of the times between its requests, a second where there are none', () => {
  assert.equal(medianPeriodMs(due(0, 100, 150, 350)), 100);
  assert.equal(medianPeriodMs(due(0)), 1_000);
});

test('a silence is longer than three and a half periods', () => {
  assert.deepEqual(silences(due(0, 100, 450), 100), []);
  assert.deepEqual(silences(due(0, 100, 451, 551), 100), [
    { fromMonoMs: 100, toMonoMs: 451, reason: 'no request was due' },
  ]);
});

test('a gap that only touches a span is within it', () => {
  const gap = { fromMonoMs: 100, toMonoMs: 200, reason: '' };
  assert.equal(gapWithin([gap], 0, 100), gap);
  assert.equal(gapWithin([gap], 200, 300), gap);
  assert.equal(gapWithin([gap], 0, 99), undefined);
  assert.equal(gapWithin([gap], 201, 300), undefined);
});

test('a gap of a single request is told as one, since it has no length', () => {
  const gap = { fromMonoMs: 100, toMonoMs: 100, reason: 'no CPU' };
  assert.equal(describeGap(gap), 'the probe lacks one request: no CPU');
  assert.equal(describeGap({ ...gap, toMonoMs: 150 }), 'the probe has a gap of 50 ms: no CPU');
});

test('a probe that asks a little less than every second says nothing of a second only beyond a tenth', () => {
  assert.equal(tooSeldom(1_100), undefined);
  assert.match(tooSeldom(1_101) ?? '', /only every 1101 ms/);
});

test('the first good and the first bad request of a window are its last where there is none', () => {
  const samples = due(0, 1, 2, 3).map((sample, at) => ({ ...sample, ok: at === 2 }));
  const window = { first: 1, last: 3 } as Parameters<typeof firstGood>[1];
  assert.deepEqual([firstGood(samples, window), firstBad(samples, window)], [2, 1]);
  assert.deepEqual(
    [
      firstGood(
        due(0, 1, 2, 3).map((one) => ({ ...one, ok: false })),
        window,
      ),
    ],
    [3],
  );
  assert.deepEqual([firstBad(due(0, 1, 2, 3), window)], [3]);
});
