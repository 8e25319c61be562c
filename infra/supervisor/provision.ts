import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownErrorCode } from '../../harness/core/error-codes.ts';
import { FiredrillError, describeError } from '../../harness/core/errors.ts';
import type { Cluster, ClusterProvider, ClusterSpec, ProvisionProgress } from '../cluster.ts';
import { explainNoSpace } from './headroom.ts';
import {
  clusterPaths,
  clustersRoot,
  liveClusters,
  makeClusterDirectory,
  readIdentity,
  removeClusterDirectory,
  type ClusterPaths,
} from './cluster-directory.ts';
import { SupervisorClient } from './client.ts';
import { endCluster } from './end-cluster.ts';
import { ANSWERS } from './protocol.ts';
import type { Sweepers } from './reap.ts';
import { RemoteCluster, type ProviderDescriptor } from './remote-cluster.ts';
import { logTail, startSupervisor, type SupervisorProgram } from './start-supervisor.ts';

export type OnProgress = (progress: ProvisionProgress) => void;

/** A cluster that is about to be made. */
interface SupervisedStart {
  readonly spec: ClusterSpec;
  /** All that its supervisor needs to know: the file spec.json. */
  readonly plan: object;
  readonly program: SupervisorProgram;
  readonly descriptor: ProviderDescriptor;
}

/** A provider sweeps its own clusters only; others are left to whoever knows them. */
const sweepersOf = ({ provider, sweep }: ProviderDescriptor): Sweepers => ({ [provider]: sweep });

/** Starts a supervisor that makes the cluster, and follows it; where it fails, nothing of it stays. */
export async function provisionSupervised(
  { spec, plan, program, descriptor }: SupervisedStart,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Cluster> {
  const root = clustersRoot(descriptor.env);
  const paths = clusterPaths(spec.name, root);
  makeClusterDirectory(paths, spec.name, descriptor.provider);
  try {
    writeFileSync(paths.spec, JSON.stringify(plan), { mode: 0o600 });
    await startSupervisor(program, spec.name, paths, descriptor.env, signal);
    const client = new SupervisorClient(paths.controlSocket);
    await followStart(client, onProgress, signal, paths);
    return await RemoteCluster.attach(paths, descriptor);
  } catch (error) {
    if (spec.logsOfFailure !== undefined) await collectLogs(paths, spec.logsOfFailure);
    await abandon(paths, descriptor);
    throw explainNoSpace(error, root);
  }
}

/** What every provider does alike with clusters that have a supervisor. */
export function supervisedClusters(
  descriptor: ProviderDescriptor,
): Pick<ClusterProvider, 'attach' | 'end' | 'list' | 'collectLogs' | 'sweep'> {
  const root = clustersRoot(descriptor.env);
  const list = (): readonly string[] => liveClusters(root, descriptor.provider);
  /** @throws FiredrillError `cluster.unknown` */
  const requireLive = (name: string): void => {
    const names = list();
    if (names.includes(name)) return;
    throw new FiredrillError('cluster.unknown', `no ${descriptor.provider} cluster ${name} is up`, {
      hint: names.length > 0 ? `these are up: ${names.join(', ')}` : `firedrill up --name ${name} makes one`,
    });
  };
  return {
    async attach(name) {
      requireLive(name);
      return await RemoteCluster.attach(clusterPaths(name, root), descriptor);
    },
    async end(name, options) {
      requireLive(name);
      await endCluster(clusterPaths(name, root), { ...options, sweepers: sweepersOf(descriptor) });
    },
    sweep: descriptor.sweep,
    list: () => Promise.resolve(list()),
    collectLogs: (name, directory) => collectLogs(clusterPaths(name, root), directory),
  };
}

/** Passes the progress on; false where the supervisor ended before the start did. */
async function followProgress(
  client: SupervisorClient,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    for await (const progress of client.lines(ANSWERS.progress, '/v1/progress', signal)) {
      onProgress(progress);
      if (progress.step === 'cluster' && progress.state === 'end') return true;
    }
  } catch (error) {
    // A supervisor that ends cuts the stream off.
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code !== 'ECONNRESET') throw error;
  }
  signal.throwIfAborted();
  return false;
}

async function followStart(
  client: SupervisorClient,
  onProgress: OnProgress,
  signal: AbortSignal,
  paths: ClusterPaths,
): Promise<void> {
  if (!(await followProgress(client, onProgress, signal))) {
    throw new FiredrillError('cluster.start-failed', 'the cluster was taken down while it was starting', {
      hint: logTail(paths.supervisorLog),
    });
  }
  const status = await client.ask(ANSWERS.status, 'GET', '/v1/status');
  if (status.phase === 'ready') return;
  const { refusal } = status;
  if (refusal !== undefined)
    throw new FiredrillError(knownErrorCode(refusal.code) ?? 'cluster.start-failed', refusal.message, {
      userError: true,
      hint: refusal.hint,
    });
  throw new FiredrillError(
    'cluster.start-failed',
    `cluster ${status.name} did not come up: ${status.detail}`,
    { hint: logTail(paths.supervisorLog) },
  );
}

/** Asks the supervisor, which also reaches into its nodes; takes what lies on this disk where that one has died. */
async function collectLogs(paths: ClusterPaths, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  if (existsSync(paths.controlSocket)) {
    try {
      await new SupervisorClient(paths.controlSocket).call('POST', '/v1/logs', { directory });
      return;
    } catch {
      // The supervisor has died, or part of the cluster is not there yet: its own log says why.
    }
  }
  copyWhereThere(paths.logs, join(directory, 'hub'));
  for (const node of existsSync(paths.nodes) ? readdirSync(paths.nodes) : [])
    copyWhereThere(join(paths.nodes, node, 'logs'), join(directory, node));
}

function copyWhereThere(from: string, to: string): void {
  if (existsSync(from)) cpSync(from, to, { recursive: true });
}

/** Takes down what a failed start has left; the first error is the one that counts. */
async function abandon(paths: ClusterPaths, descriptor: ProviderDescriptor): Promise<void> {
  try {
    await endCluster(paths, { force: true, doorWithinMs: 0, sweepers: sweepersOf(descriptor) });
  } catch (error) {
    if (existsSync(paths.logs)) appendFileSync(paths.supervisorLog, `${describeError(error)}\n`);
  }
  // Where no supervisor ever lived, the directory is still ours.
  if (readIdentity(paths.supervisor) === undefined) removeClusterDirectory(paths.directory);
}
