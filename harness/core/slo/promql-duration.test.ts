import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberOrDuration } from './promql-duration.ts';

test('a number of PromQL is what it stands for, and a duration its seconds', () => {
  const cases: Readonly<Record<string, number>> = {
    ...{ '0': 0, '5': 5, '-5': -5, '+5': 5, '- 5': -5, '2.': 2, '.5': 0.5, '1e3': 1_000, '1.5E-1': 0.15 },
    ...{ '0x1F': 31, '-0X1f': -31, '1_000': 1_000 },
    ...{ inf: Infinity, Inf: Infinity, '+Inf': Infinity, '-INF': -Infinity, nan: NaN, NaN, '-NaN': NaN },
    ...{ '1ms': 0.001, '1s': 1, '1m': 60, '1h': 3_600, '1d': 86_400, '1w': 7 * 86_400, '1y': 365 * 86_400 },
    ...{ '1h30m': 5_400, '-1m500ms': -60.5, '1.5m': 90, '1H': 3_600 },
  };
  for (const [text, value] of Object.entries(cases)) assert.equal(numberOrDuration(text), value, text);
});
