import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { FiredrillError, describeError } from '../../harness/core/errors.ts';
import type { Cluster, ClusterProvider, ClusterSpec, ProvisionProgress } from '../cluster.ts';
import { binaryImage } from '../images/binary-image.ts';
import { buildImages } from '../images/build-image.ts';
import { pauseImage } from '../images/pause.ts';
import { clusterPaths, clustersRoot, type ClusterPaths } from '../state-directory.ts';
import { SupervisorClient } from '../supervisor/client.ts';
import {
  liveClusters,
  makeClusterDirectory,
  readIdentity,
  removeClusterDirectory,
} from '../supervisor/cluster-directory.ts';
import type { SupervisorStatus } from '../supervisor/protocol.ts';
import { reap } from '../supervisor/reap.ts';
import { BUNDLES } from '../toolchain/components.ts';
import { softwareOf } from './software.ts';
import { activityOf, ensureTools, type Tool } from '../toolchain/index.ts';
import { ensureSystemPrograms } from '../toolchain/system.ts';
import { endCluster } from './end-cluster.ts';
import { goldenDisk } from './golden-disk.ts';
import { HUB_TOOLS, NODE_TOOLS, type LaunchPlan } from './launch.ts';
import { EmbeddedRemoteCluster } from './remote-cluster.ts';
import { embeddedRequirements } from './requirements.ts';
import { allocatedBytes, explainNoSpace, requireDisk, requireMemory } from './room.ts';
import { logTail, startSupervisor } from './start-supervisor.ts';

type OnProgress = (progress: ProvisionProgress) => void;

const PROGRAMS = [...HUB_TOOLS, ...NODE_TOOLS, 'coredns'] as const;

/** Real Kubernetes on this machine, without Docker: one supervisor process per cluster. */
export const embeddedProvider: ClusterProvider = {
  name: 'embedded',
  kubernetesVersion: BUNDLES.find((bundle) => bundle.name === 'kubernetes')?.version ?? 'unknown',
  programs: PROGRAMS,

  applies: () => {
    const missing = embeddedRequirements().filter((requirement) => !requirement.ok);
    if (missing.length === 0) return Promise.resolve({ yes: true });
    const reasons = missing.map(
      ({ name, found, remedy }) => `${name}: ${found}${remedy ? ` (${remedy})` : ''}`,
    );
    return Promise.resolve({ yes: false, reasons });
  },

  async provision(spec, onProgress, signal) {
    const paths = clusterPaths(spec.name);
    await reap();
    const nodes = spec.workers + spec.infraNodes;
    requireMemory(nodes);
    const plan = await prepare(spec, onProgress, signal);
    requireDisk(clustersRoot(), nodes, allocatedBytes(plan.goldenDisk));
    makeClusterDirectory(paths, spec.name);
    try {
      writeFileSync(paths.spec, JSON.stringify(plan), { mode: 0o600 });
      await startSupervisor(spec.name, paths, signal);
      const client = new SupervisorClient(paths.controlSocket);
      // Nobody waits for the end of an owner's line; it only has to stay open for as long as this process lives.
      if (spec.ephemeral === true) await client.hold('/v1/owner', () => {});
      await followStart(client, onProgress, signal, paths);
      return await EmbeddedRemoteCluster.attach(paths);
    } catch (error) {
      if (spec.logsOfFailure !== undefined) await collectLogs(paths, spec.logsOfFailure);
      await abandon(paths, spec.name);
      throw explainNoSpace(error, clustersRoot());
    }
  },

  async attach(name): Promise<Cluster> {
    await requireLive(name);
    return EmbeddedRemoteCluster.attach(clusterPaths(name));
  },

  async end(name, options) {
    await requireLive(name);
    await endCluster(name, options);
  },

  list: () => Promise.resolve(liveClusters(clustersRoot())),

  collectLogs: (name, directory) => collectLogs(clusterPaths(name), directory),
};

/** @throws FiredrillError `cluster.unknown` */
async function requireLive(name: string): Promise<void> {
  const names = await embeddedProvider.list();
  if (names.includes(name)) return;
  throw new FiredrillError('cluster.unknown', `no embedded cluster ${name} is up`, {
    userError: true,
    hint: names.length > 0 ? `these are up: ${names.join(', ')}` : `firedrill up --name ${name} makes one`,
  });
}

/** Tools and base images; nothing of the cluster exists yet. */
async function prepare(spec: ClusterSpec, onProgress: OnProgress, signal: AbortSignal): Promise<LaunchPlan> {
  const startedMs = performance.now();
  onProgress({ step: 'tools', state: 'begin', detail: 'looking for the tool chain' });
  const { runc } = await ensureSystemPrograms({
    onProgress: (detail) => onProgress({ step: 'tools', state: 'progress', detail }),
    signal,
  });
  const progress = (detail: string): void =>
    onProgress({ step: 'tools', state: 'progress', detail, elapsedMs: performance.now() - startedMs });
  const tools = await ensureTools(PROGRAMS, {
    signal,
    onProgress: (tool) => progress(activityOf(tool)),
  });
  const { images: extraImages = [], ...plainSpec } = spec;
  const images = await buildImages(
    [pauseImage(), binaryImage({ name: 'coredns', binary: tools.coredns.path }), ...extraImages],
    { signal },
  );
  const [pause, dns] = images;
  if (pause === undefined || dns === undefined) {
    throw new FiredrillError('images.missing', 'the base images were not built');
  }
  const { containerd, ctr } = tools;
  const disk = await goldenDisk({
    images,
    containerd: containerd.path,
    ctr: ctr.path,
    onProgress: progress,
    signal,
  });
  onProgress({
    step: 'tools',
    state: 'end',
    detail: sourcesOf(Object.values(tools)),
    elapsedMs: performance.now() - startedMs,
  });
  return {
    spec: plainSpec,
    tools: Object.fromEntries(
      [...HUB_TOOLS, ...NODE_TOOLS].map((name) => [name, tools[name].path]),
    ) as LaunchPlan['tools'],
    goldenDisk: disk,
    images: images.map(({ reference, archive }) => ({ reference, archive })),
    software: await softwareOf(Object.values(tools), runc, signal),
    pauseImage: pause.reference,
    dnsImage: dns.reference,
    seed: randomInt(2 ** 32),
    apiPort: 0,
  };
}

/** Where the programs came from this time: one word where it is the same for all, otherwise how many from where. */
function sourcesOf(tools: readonly Pick<Tool, 'source' | 'cached'>[]): string {
  const counts = new Map<string, number>();
  for (const { source, cached } of tools) {
    const from = source === 'override' ? 'overridden' : cached ? 'cached' : `by ${source}`;
    counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  const [only] = counts.keys();
  return counts.size === 1 ? (only ?? '') : [...counts].map(([from, count]) => `${count} ${from}`).join(', ');
}

/** Passes the progress on; false where the supervisor ended before the start did. */
async function followProgress(
  client: SupervisorClient,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    for await (const progress of client.lines<ProvisionProgress>('/v1/progress', signal)) {
      onProgress(progress);
      if (progress.step === 'cluster' && progress.state === 'end') return true;
    }
  } catch (error) {
    // A supervisor that ends cuts the stream off.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
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
  const status = await client.call<SupervisorStatus>('GET', '/v1/status');
  if (status.phase === 'ready') return;
  throw new FiredrillError(
    'cluster.start-failed',
    `cluster ${status.name} did not come up: ${status.detail}`,
    {
      hint: logTail(paths.supervisorLog),
    },
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
      // It has died, or part of the cluster is not there yet: its own log says why.
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
async function abandon(paths: ClusterPaths, name: string): Promise<void> {
  try {
    await endCluster(name, { force: true, doorWithinMs: 0 });
  } catch (error) {
    if (existsSync(paths.logs)) appendFileSync(paths.supervisorLog, `${describeError(error)}\n`);
  }
  // Where no supervisor ever lived, the directory is still ours.
  if (readIdentity(paths.supervisor) === undefined) removeClusterDirectory(paths.directory);
}
