import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { readSources } from './imports.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCES = readSources().filter(({ fileName }) => !fileName.endsWith('.test.ts'));

/** The files of which the text has this word, relative to the root; tests are left out. */
const naming = (word: string): readonly string[] =>
  SOURCES.filter(({ text }) => text.includes(word))
    .map(({ fileName }) => relative(ROOT, fileName))
    .toSorted();

test('whether an error means that a file is missing is asked in one place', () => {
  assert.deepEqual(naming("'ENOENT'"), ['harness/core/file-errors.ts']);
});

test('an agent listens by the one service that asks for its token', () => {
  const listening = naming('createServer').filter((file) => file.startsWith('infra/agents/'));
  assert.deepEqual(listening, ['infra/agents/http/service.ts']);
});

test('a folder for temporary files carries our marker, so that it goes also after a kill, or is that of a test file', () => {
  assert.deepEqual(naming('mkdtemp'), [
    'harness/testing/temporary-directory.ts',
    'infra/process/temporary-folder.ts',
  ]);
});
