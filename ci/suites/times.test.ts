import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { keepTimes, readLastTimes } from './last-times.ts';

test('the times of suites that did not run stay', () => {
  const file = join(temporaryDirectory('times'), 'new', 'times.json');
  assert.deepEqual(readLastTimes(file), {});
  keepTimes(file, { unit: 40, real: 300 });
  keepTimes(file, { unit: 41.5 });
  assert.deepEqual(readLastTimes(file), { unit: 41.5, real: 300 });
});

test('a file that was cut off counts as no last run', () => {
  const file = join(temporaryDirectory('times'), 'times.json');
  writeFileSync(file, '{ "unit": 4');
  assert.deepEqual(readLastTimes(file), {});
});
