import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterProvider } from '../../infra/cluster.ts';
import { messageOf } from '../core/errors.ts';
import { tame } from '../core/plain-text.ts';
import { logsDirectory, RUN_FILES } from '../core/journal/run-files.ts';
import type { Verdict } from '../core/verdict.ts';
import type { RunContext } from './run-context.ts';
import { clustersOfRun, type Print } from './run-cluster.ts';

/**
 * Keeps what the clusters of a run have logged, before they are taken down, where a trial was not as expected. Without
 * them that is all said again by no one; a failure to copy them takes nothing from the run.
 */
export async function collectRunLogs(
  run: RunContext,
  provider: ClusterProvider,
  print: Print,
): Promise<void> {
  if (allAsExpected(join(run.directory, RUN_FILES.trials))) return;
  // A run's own cluster is not listed any more where it has died, and its logs still lie there.
  const names = new Set([run.clusterName, ...(await clustersOfRun(run, provider))]);
  for (const name of names)
    try {
      await provider.collectLogs(name, logsDirectory(run.directory, name));
    } catch (error) {
      print(`  not all logs of ${name} could be kept: ${tame(messageOf(error))}\n`);
    }
}

/** A trial without a verdict has lost its worker, which nobody expects. */
function allAsExpected(trials: string): boolean {
  return readdirSync(trials).every((trial) => {
    const path = join(trials, trial, RUN_FILES.verdict);
    return existsSync(path) && (JSON.parse(readFileSync(path, 'utf8')) as Verdict).asExpected;
  });
}
