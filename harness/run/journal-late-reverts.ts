import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterProvider, UndoneEffect } from '../../infra/cluster.ts';
import { systemClock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { patient } from '../core/patience.ts';
import { tame } from '../core/plain-text.ts';
import type { RunContext } from './run-context.ts';
import { appendLateReverts, revertFrom } from '../trial/late-reverts.ts';
import { openJournals } from '../trial/verdict-file.ts';
import { clustersOfRun, type Print } from './run-cluster.ts';

/** A dead worker's hold lapses and its faults are undone within 7 s; this is not much more. */
const LAPSED_WITHIN_MS = patient(10_000);
const LOOK_EVERY_MS = 100;

/**
 * Where workers have died in mid-trial: waits until the supervisor has undone their faults and writes that into their
 * journals, so that the verdict says what is true of the cluster.
 */
export async function journalLateReverts(
  run: RunContext,
  provider: ClusterProvider,
  print: Print,
): Promise<void> {
  const journals = openJournals(run.directory);
  // A worker that has no trial yet, or none any more, may hold a cluster all the same.
  if (journals.length === 0 && !run.clusterIsGiven) return;
  const undone: UndoneEffect[] = [];
  for (const name of await clustersOfRun(run, provider))
    try {
      undone.push(...(await undoneOn(name, run.runId, provider)));
    } catch (error) {
      print(`  what was undone on ${name} is not known: ${tame(messageOf(error))}\n`);
    }
  for (const journal of journals) appendLateReverts(journal, systemClock, revertFrom(undone, run.runId));
}

/** After a run's own clusters were destroyed, whatever was broken in them is gone; while one is left, nobody knows. */
export async function journalGoneWithClusters(run: RunContext, provider: ClusterProvider): Promise<void> {
  if (run.clusterIsGiven || (await clustersOfRun(run, provider)).length > 0) return;
  for (const journal of openJournals(run.directory))
    appendLateReverts(journal, systemClock, () => ({ ok: true, observation: 'gone with its cluster' }));
}

/** The record is complete once nobody of this run but ourselves holds the cluster. */
async function undoneOn(
  name: string,
  session: string,
  provider: ClusterProvider,
): Promise<readonly UndoneEffect[]> {
  const cluster = await provider.attach(name);
  const deadlineMs = performance.now() + LAPSED_WITHIN_MS;
  for (;;) {
    const { undone, holds } = await cluster.undone();
    const held = holds.some((hold) => hold.session === session && hold.pid !== process.pid);
    if (!held || performance.now() > deadlineMs) return undone;
    await delay(LOOK_EVERY_MS);
  }
}
