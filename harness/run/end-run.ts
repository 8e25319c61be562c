import { given } from '../core/given.ts';
import type { Run } from './begin-run.ts';
import { collectRunLogs } from './collect-run-logs.ts';
import type { RunEnding } from './conclude-run.ts';
import type { Interrupted } from './interruption.ts';
import { journalGoneWithClusters, journalLateReverts } from './journal-late-reverts.ts';
import { endClusters, type ClustersEnd, type Print, type RunCluster } from './run-cluster.ts';

/** What a run has come to when its scenarios have ended, or never began. */
interface RunOutcome {
  /** Absent where none came up. */
  readonly provided?: RunCluster | undefined;
  readonly interrupted?: Interrupted | undefined;
}

/**
 * Completes what the journals say while the clusters can still be asked, then ends the clusters. Whoever interrupts
 * wants the prompt back, and has no failure to look into: for them the clusters only end, and one that stays is mended
 * first. Its supervisor does that for a worker that was killed; where it has none, the reaper waits for our own end.
 */
export async function endRun(run: Run, outcome: RunOutcome, print: Print): Promise<RunEnding> {
  const { context, provider } = run;
  const { provided, interrupted } = outcome;
  let clusters: ClustersEnd;
  try {
    const stays = context.clusterIsGiven && provided !== undefined && provided.cluster.borrowed !== true;
    if (interrupted === undefined || stays) await journalLateReverts(context, provider, print);
    if (interrupted === undefined) await collectRunLogs(context, provider, print);
  } finally {
    clusters = await endClusters(context, run, provided, print);
    await journalGoneWithClusters(context, provider);
  }
  return { ...clusters, ...given({ interrupted }) };
}
