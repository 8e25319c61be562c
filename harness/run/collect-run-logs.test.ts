import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClusterProvider } from '../../infra/cluster.ts';
import { RUN_FILES, trialDirectory } from '../core/journal/run-files.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { collectRunLogs } from './collect-run-logs.ts';
import type { RunContext } from './run-context.ts';

/** The clusters whose logs are kept after trials that ended so; undefined: a trial without a verdict. */
async function keptAfter(...asExpected: readonly (boolean | undefined)[]): Promise<readonly string[]> {
  const directory = temporaryDirectory('run-logs');
  asExpected.forEach((value, index) => {
    const trial = trialDirectory(directory, `trial-${index}`);
    mkdirSync(trial, { recursive: true });
    if (value !== undefined)
      writeFileSync(join(trial, RUN_FILES.verdict), JSON.stringify({ asExpected: value }));
  });
  const kept: string[] = [];
  const provider = {
    list: () => Promise.resolve([]),
    collectLogs: (name: string) => Promise.resolve(void kept.push(name)),
  } as unknown as ClusterProvider;
  const run = { runId: 'r', directory, clusterName: 'mine', clusterIsGiven: false } as RunContext;
  await collectRunLogs(run, provider, () => undefined);
  return kept;
}

test('logs are kept only where a trial was not as expected or has no verdict', async () => {
  assert.deepEqual(await keptAfter(true, true), []);
  assert.deepEqual(await keptAfter(true, false), ['mine']);
  assert.deepEqual(await keptAfter(true, undefined), ['mine']);
});
