import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { keep, readKept } from './kept.ts';

const SECONDS = z.number();

test('what is kept stays until it is kept anew, and a file that was cut off or has other values has nothing', () => {
  const file = join(temporaryDirectory('times'), 'new', 'times.json');
  assert.deepEqual(readKept(file, SECONDS), {});
  keep(file, SECONDS, { unit: 40, real: 300 });
  keep(file, SECONDS, { unit: 41.5 });
  assert.deepEqual(readKept(file, SECONDS), { unit: 41.5, real: 300 });
  for (const text of ['{ "unit": 4', 'null', '[]', '{ "unit": "fast" }']) {
    writeFileSync(file, text);
    assert.deepEqual(readKept(file, SECONDS), {}, text);
  }
  keep(file, SECONDS, { unit: 40 });
  assert.deepEqual(readKept(file, SECONDS), { unit: 40 });
});
