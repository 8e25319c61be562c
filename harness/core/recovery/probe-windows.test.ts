import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeGap,
  firstBad,
  firstGood,
  gapWithin,
  medianPeriodMs,
  silences,
  slidingWindows,
  tooSeldom,
} from './probe-windows.ts';

const due = (...dues: readonly number[]) =>
  dues.map((dueMonoMs) => ({ dueMonoMs, ok: true, latencyMs: 1, lateMs: 0 }));

test('the period of a probe is the median of the times between its requests, a second where there are none', () => {
  assert.equal(medianPeriodMs(due(0, 100, 150, 350)), 100);
  assert.equal(medianPeriodMs(due(0, 50, 250)), 200);
  assert.equal(medianPeriodMs(due(0)), 1_000);
});

test('a silence is longer than three and a half periods', () => {
  assert.deepEqual(silences(due(0, 100, 450), 100), []);
  assert.deepEqual(silences(due(0, 100, 451, 551), 100), [
    { fromMonoMs: 100, toMonoMs: 451, reason: 'no request was due' },
  ]);
});

test('every request that has a second behind it has a window, of the requests of that second', () => {
  const quarters = due(0, 250, 500, 750, 1_000, 1_250).map((one, at) => ({ ...one, ok: at !== 1 }));
  const windows = (minGoodShare: number) => slidingWindows(quarters, 250, minGoodShare);
  assert.deepEqual(windows(0.75), [
    { first: 0, last: 3, inside: true },
    { first: 1, last: 4, inside: true },
    { first: 2, last: 5, inside: true },
  ]);
  assert.deepEqual(
    windows(0.76).map(({ inside }) => inside),
    [false, false, true],
  );
  // A request may come half a period early; and due instants are sums of fractions.
  assert.equal(slidingWindows(due(0, 250, 500, 625), 250, 1).length, 1);
  assert.equal(slidingWindows(due(0, 250, 500, 624), 250, 1).length, 0);
  const first = (lastMs: number) => slidingWindows(due(0, 250, 500, 750, lastMs), 250, 1).at(-1)?.first;
  assert.deepEqual([first(999.4), first(999.5)], [0, 1]);
  assert.deepEqual(slidingWindows([], 250, 1), []);
});

test('a silence counts from the first request on, and a gap is told by its length', () => {
  assert.equal(silences(due(0, 451, 551), 100).length, 1);
  assert.equal(
    describeGap({ fromMonoMs: 100.2, toMonoMs: 451, reason: 'no CPU' }),
    'the probe has a gap of 351 ms: no CPU',
  );
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
