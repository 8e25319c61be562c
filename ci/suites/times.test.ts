import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowestLines, timeBesideBudget } from './times.ts';

test('a time stands beside its budget and what it was the last time, and who is over it says by how much', () => {
  assert.equal(timeBesideBudget(41.26, 1, 39), '41.3 s (budget 60 s, last run 39.0 s)');
  assert.equal(timeBesideBudget(71.5, 1), '71.5 s (budget 60 s): 11.5 s over its budget');
});

test('the slowest tests come first, each with its file', () => {
  const times = [
    { name: 'quick', file: 'a.test.ts', seconds: 0.1 },
    { name: 'slow', file: 'b.test.ts', seconds: 12.34 },
    { name: 'middling', file: 'a.test.ts', seconds: 2 },
  ];
  assert.deepEqual(slowestLines(times, 2), [
    '    12.3 s  slow (b.test.ts)',
    '     2.0 s  middling (a.test.ts)',
  ]);
});
