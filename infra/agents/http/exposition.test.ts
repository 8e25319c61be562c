import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderExposition } from './exposition.ts';
import { Histogram } from './histogram.ts';

test('quotes, backslashes and line ends in labels and help are escaped', () => {
  const text = renderExposition([
    { name: 'm', help: 'a\nb\\', type: 'gauge', samples: [{ labels: { l: 'x"\\\n' }, value: Infinity }] },
  ]);
  assert.equal(text, '# HELP m a\\nb\\\\\n# TYPE m gauge\nm{l="x\\"\\\\\\n"} +Inf\n');
});

test("a histogram's buckets count everything below their bound", () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0.5, 1, 1.5, 7]) histogram.observe(value);
  assert.deepEqual(
    histogram.samples({}).map(({ suffix, labels, value }) => [suffix, labels['le'], value]),
    [
      ['_bucket', '1', 2],
      ['_bucket', '2', 3],
      ['_bucket', '+Inf', 4],
      ['_sum', undefined, 10],
      ['_count', undefined, 4],
    ],
  );
});
