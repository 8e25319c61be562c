import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrometheusError } from './prometheus-api.ts';
import { pointsOf, problemOf, shifted } from './promql-answer.ts';

test('every step has a value or none: of one series, and only where it is a finite number', () => {
  const series = {
    labels: {},
    values: [
      [1_000, 0.5],
      [1_500, Infinity],
      [2_500, 1],
    ],
  } as const;
  const points = [
    [1_000, 0.5],
    [1_500, null],
    [2_000, null],
    [2_500, 1],
  ];
  assert.deepEqual(pointsOf([series], 1_000, 2_500, 500), points);
  const none = points.map(([wallMs]) => [wallMs, null]);
  assert.deepEqual(pointsOf([series, series], 1_000, 2_500, 500), none);
  assert.deepEqual(pointsOf([], 1_000, 2_500, 500), none);
});

test('a question that failed was refused, with the place, or nobody answered for that time', () => {
  const refused = new PrometheusError('observe.query-refused', 'unexpected end', { position: 2 });
  const { name, message, ...more } = problemOf('sum(', refused, 1, 2);
  assert.deepEqual([name, more], ['query-error', {}]);
  assert.match(message, /unexpected end/);
  const placeless = new PrometheusError('observe.query-refused', 'too many samples');
  assert.deepEqual(problemOf('a', placeless, 1, 2), { name: 'query-error', message: 'too many samples' });
  for (const error of [new Error('gone'), new PrometheusError('observe.prometheus-unreachable', 'gone')])
    assert.deepEqual(problemOf('a', error, 1, 2), {
      ...{ name: 'prometheus-unreachable', message: 'gone' },
      ...{ fromWallMs: 1, toWallMs: 2 },
    });
});

test('a question that was answered in part is told as such for that time, until a later answer is whole', () => {
  const partial = new PrometheusError('observe.partial-answer', 'a store was away');
  assert.deepEqual(problemOf('a', partial, 1, 2), {
    ...{ name: 'partial-answer', message: 'a store was away' },
    ...{ fromWallMs: 1, toWallMs: 2 },
  });
});

test('a problem is moved to another clock with its times, where it has any', () => {
  const problem = { name: 'nan', message: 'm' } as const;
  const here = (wallMs: number): number => wallMs + 10;
  assert.deepEqual(shifted({ ...problem, fromWallMs: 1, toWallMs: 2 }, here), {
    ...problem,
    ...{ fromWallMs: 11, toWallMs: 12 },
  });
  assert.deepEqual(shifted(problem, here), problem);
});
