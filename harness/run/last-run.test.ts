import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { forgetLastRun, requireLastRun, withLastRun } from './last-run.ts';

const directory = temporaryDirectory('last-run');
const env = withLastRun({}, directory);
const path = join(directory, '.firedrill', 'last-run.json');
mkdirSync(join(directory, '.firedrill'));
const lastFailed = { passedOn: ['--last-failed'] };

test('what failed last is chosen where it is known, and nothing else in its place', () => {
  for (const text of [undefined, '', '{"failedTests":', '{}']) {
    if (text !== undefined) writeFileSync(path, text);
    assert.throws(() => requireLastRun(lastFailed, env), {
      code: 'arguments.malformed',
      message: `--last-failed: ${path} does not say what failed last`,
    });
  }
  writeFileSync(path, '{"failedTests":[]}');
  requireLastRun(lastFailed, env);
  requireLastRun({ passedOn: [] }, {});
  // Where it is to be written.
  requireLastRun({ passedOn: ['--last-failed-file=/none'] }, env);
});

test('another file may be named for it, in each way', () => {
  for (const words of [['--last-failed-file', '/none/a=b'], ['--last-failed-file=/none/a=b']])
    assert.throws(
      () => requireLastRun({ passedOn: ['--last-failed', ...words] }, env),
      /: \/none\/a=b does not say/,
    );
  assert.deepEqual(withLastRun({ PLAYWRIGHT_LAST_RUN_OUTPUT_FILE: 'x' }, directory), {
    PLAYWRIGHT_LAST_RUN_OUTPUT_FILE: 'x',
  });
});

test('a run that begins knows of no last failures until its end, but keeps those that it is about', () => {
  writeFileSync(path, '{"failedTests":[]}');
  forgetLastRun(lastFailed, env);
  assert.ok(existsSync(path));
  forgetLastRun({ passedOn: [] }, env);
  assert.ok(!existsSync(path));
});
