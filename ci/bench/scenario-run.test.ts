import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runOfScenarios } from './scenario-run.ts';

test('a command that was refused gives no figures, least of all those of an older run', async () => {
  await assert.rejects(
    runOfScenarios(['scenarios/node-loss', '--retries=1'], new AbortController().signal),
    /exited with 64: nothing was measured/,
  );
});
