import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { keep, readKept } from './kept.ts';

test('what is kept stays until it is kept anew, and a file that was cut off has nothing', () => {
  const file = join(temporaryDirectory('times'), 'new', 'times.json');
  assert.deepEqual(readKept(file), {});
  keep(file, { unit: 40, real: 300 });
  keep(file, { unit: 41.5 });
  assert.deepEqual(readKept(file), { unit: 41.5, real: 300 });
  writeFileSync(file, '{ "unit": 4');
  assert.deepEqual(readKept(file), {});
});
