import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { readSources } from './imports.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('whether an error means that a file is missing is asked in one place', () => {
  const asking = readSources()
    .filter(({ fileName, text }) => !fileName.endsWith('.test.ts') && text.includes("'ENOENT'"))
    .map(({ fileName }) => relative(ROOT, fileName));
  assert.deepEqual(asking, ['harness/core/file-errors.ts']);
});
