import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { ownerOf, readIdentity, type ClusterPaths } from './cluster-directory.ts';
import { SupervisorClient } from './client.ts';
import { isAlive, untilGone, type ProcessIdentity } from '../process/identity.ts';
import { reapClusters, type Sweepers } from './reap.ts';

const DOOR_WITHIN_MS = patient(15_000);
const DOWN_WITHIN_MS = patient(60_000);
const ENDED_WITHIN_MS = patient(5_000);

interface EndOptions {
  /** Whether to end a cluster that a session holds. */
  readonly force: boolean;
  /** How the cluster's provider takes away what a killed supervisor has left. */
  readonly sweepers: Sweepers;
  /** How long a supervisor that is just starting has for opening its door. */
  readonly doorWithinMs?: number;
  /** How long it may take to take everything down. */
  readonly downWithinMs?: number;
  /** How long its process may stay after that before it is killed. */
  readonly endedWithinMs?: number;
}

/**
 * Ends a cluster in whatever state it is: ready, starting, failed, with a supervisor that answers or one that does not.
 * Nothing of it but its supervisor's door is needed.
 * @throws FiredrillError `cluster.in-use`, `cluster.starting`, `cluster.not-ended`
 */
export async function endCluster(paths: ClusterPaths, options: EndOptions): Promise<void> {
  const name = basename(paths.directory);
  const supervisor = await supervisorOf(paths, options.doorWithinMs ?? DOOR_WITHIN_MS);
  const failure = supervisor === undefined ? undefined : await askToEnd(paths, options);
  if (supervisor !== undefined) await ended(supervisor, options.endedWithinMs ?? ENDED_WITHIN_MS);
  // What a supervisor could not take away itself is taken away like that of a killed one.
  const reaped =
    ownerOf(paths.directory) === 'dead' ? await reapClusters(options.sweepers, dirname(paths.directory)) : [];
  const left = reaped.find(({ cluster }) => cluster === name)?.left;
  if (left !== undefined || (failure !== undefined && existsSync(paths.directory))) {
    const why = left === undefined ? '' : `: ${left}`;
    throw new FiredrillError('cluster.not-ended', `cluster ${name} could not be taken away${why}`, {
      cause: failure,
      hint: 'firedrill reap tries again',
    });
  }
}

/** Waits for the door of a supervisor that is just starting; undefined where there is none any more. */
async function supervisorOf(paths: ClusterPaths, withinMs: number): Promise<ProcessIdentity | undefined> {
  const deadlineMs = performance.now() + withinMs;
  while (!existsSync(paths.controlSocket) && ownerOf(paths.directory) === 'alive') {
    if (performance.now() >= deadlineMs) break;
    await delay(20);
  }
  const supervisor = readIdentity(paths.supervisor);
  if (supervisor !== undefined) return isAlive(supervisor) ? supervisor : undefined;
  const maker = readIdentity(paths.maker);
  if (maker === undefined || !isAlive(maker) || maker.pid === process.pid) return undefined;
  throw new FiredrillError('cluster.starting', `process ${maker.pid} is just making this cluster`, {
    hint: `try again when it has, or end it: kill ${maker.pid}`,
  });
}

async function askToEnd(paths: ClusterPaths, options: EndOptions): Promise<FiredrillError | undefined> {
  try {
    const client = new SupervisorClient(paths.controlSocket);
    await client.call(
      'POST',
      '/v1/down',
      { force: options.force },
      AbortSignal.timeout(options.downWithinMs ?? DOWN_WITHIN_MS),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof FiredrillError) || error.code === 'cluster.in-use') throw error;
    return error;
  }
}

/** A supervisor ends by itself after `down`, whether it succeeded or not; one that hangs is killed, and all its children with it. */
async function ended(supervisor: ProcessIdentity, withinMs: number): Promise<void> {
  try {
    await untilGone(supervisor, withinMs);
  } catch {
    process.kill(supervisor.pid, 'SIGKILL');
    await untilGone(supervisor, ENDED_WITHIN_MS);
  }
}
