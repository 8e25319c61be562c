import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { PLAIN } from '../../reports/terminal/index.ts';
import type { Run } from './begin-run.ts';
import { concludeRun, type RunEnding } from './conclude-run.ts';
import { Interrupted } from './interruption.ts';
import { RUNNER_FILE } from './runner-outcome.ts';

/** The exit code of a run without any trial whose runner left these errors. */
async function exitCode(ending: Partial<RunEnding>, errors: readonly string[] = []): Promise<number> {
  const directory = temporaryDirectory('conclude');
  writeFileSync(join(directory, RUNNER_FILE), JSON.stringify({ tests: 0, unjudged: 0, errors }));
  const run = { context: { directory }, env: {}, again: 'again' } as unknown as Run;
  return await concludeRun(run, PLAIN, () => undefined, { clustersLived: true, leftovers: false, ...ending });
}

test('the exit code of a run tells how it ended: no trial, trouble of the runner, leftovers, a signal', async () => {
  assert.equal(await exitCode({}), 2);
  assert.equal(await exitCode({}, ['cannot load it']), 70);
  assert.equal(await exitCode({ leftovers: true }), 70);
  assert.equal(await exitCode({ leftovers: true, interrupted: new Interrupted('SIGINT') }), 130);
});
