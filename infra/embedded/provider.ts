import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { randomInt } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Cluster, ClusterProvider, ClusterSpec, ProvisionProgress } from '../cluster.ts';
import { binaryImage } from '../images/binary-image.ts';
import { buildImages } from '../images/build-image.ts';
import { pauseImage } from '../images/pause.ts';
import { clusterPaths, clustersRoot, type ClusterPaths } from '../state-directory.ts';
import { SupervisorClient } from '../supervisor/client.ts';
import type { SupervisorStatus } from '../supervisor/protocol.ts';
import { identityOf } from '../supervisor/process-identity.ts';
import { reap } from '../supervisor/reap.ts';
import { BUNDLES } from '../toolchain/components.ts';
import { activityOf, ensureTools } from '../toolchain/index.ts';
import { ensureSystemPrograms } from '../toolchain/system.ts';
import { goldenDisk } from './golden-disk.ts';
import { HUB_TOOLS, NODE_TOOLS, type LaunchPlan } from './launch.ts';
import { EmbeddedRemoteCluster } from './remote-cluster.ts';
import { embeddedRequirements } from './requirements.ts';

const SUPERVISOR = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  'supervisor',
  `main${import.meta.filename.slice(-3)}`,
);
const DOOR_WITHIN_MS = 15_000;

type OnProgress = (progress: ProvisionProgress) => void;

/** Real Kubernetes on this machine, without Docker: one supervisor process per cluster. */
export const embeddedProvider: ClusterProvider = {
  name: 'embedded',
  kubernetesVersion: BUNDLES.find((bundle) => bundle.name === 'kubernetes')?.version ?? 'unknown',

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
    const plan = await prepare(spec, onProgress, signal);
    claimName(paths, spec.name);
    try {
      writeFileSync(paths.spec, JSON.stringify(plan), { mode: 0o600 });
      await startSupervisor(spec.name, paths, signal);
      const client = new SupervisorClient(paths.controlSocket);
      // Nobody waits for the end of an owner's line; it only has to stay open for as long as this process lives.
      if (spec.ephemeral === true) await client.hold('/v1/owner', () => {});
      await followStart(client, onProgress, signal, paths);
      return await EmbeddedRemoteCluster.attach(paths.controlSocket);
    } catch (error) {
      await abandon(paths);
      throw error;
    }
  },

  async attach(name): Promise<Cluster> {
    const paths = clusterPaths(name);
    if (!existsSync(paths.controlSocket)) {
      const names = await this.list();
      throw new FiredrillError('cluster.unknown', `no embedded cluster ${name} is up`, {
        userError: true,
        hint:
          names.length > 0 ? `these are up: ${names.join(', ')}` : `firedrill up --name ${name} makes one`,
      });
    }
    return EmbeddedRemoteCluster.attach(paths.controlSocket);
  },

  list: () => {
    const root = clustersRoot();
    return Promise.resolve(
      existsSync(root)
        ? readdirSync(root).filter((name) => existsSync(clusterPaths(name).controlSocket))
        : [],
    );
  },
};

/** Tools and base images; nothing of the cluster exists yet. */
async function prepare(spec: ClusterSpec, onProgress: OnProgress, signal: AbortSignal): Promise<LaunchPlan> {
  const startedMs = performance.now();
  onProgress({ step: 'tools', state: 'begin', detail: 'looking for the tool chain' });
  await ensureSystemPrograms({
    onProgress: (detail) => onProgress({ step: 'tools', state: 'progress', detail }),
    signal,
  });
  const tools = await ensureTools([...HUB_TOOLS, ...NODE_TOOLS, 'coredns'], {
    signal,
    onProgress: (progress) =>
      onProgress({
        step: 'tools',
        state: 'progress',
        detail: activityOf(progress),
        elapsedMs: progress.elapsedMs,
      }),
  });
  const progress = (detail: string): void => onProgress({ step: 'tools', state: 'progress', detail });
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
    pauseImage: pause.reference,
    dnsImage: dns.reference,
    seed: randomInt(2 ** 32),
    apiPort: 0,
  };
}

function sourcesOf(tools: readonly { readonly source: string }[]): string {
  return [...new Set(tools.map((tool) => tool.source))].sort().join(', ');
}

/** @throws FiredrillError `cluster.name-in-use` */
function claimName(paths: ClusterPaths, name: string): void {
  mkdirSync(dirname(paths.directory), { recursive: true, mode: 0o700 });
  try {
    mkdirSync(paths.directory, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new FiredrillError('cluster.name-in-use', `a cluster named ${name} exists already`, {
      userError: true,
      hint: `attach to it with --cluster ${name}, end it with: firedrill down --name ${name}, or choose another --name`,
    });
  }
  writeFileSync(join(paths.directory, 'maker.json'), JSON.stringify(identityOf(process.pid)));
  for (const directory of [paths.logs, paths.pki, paths.nodes, paths.shared])
    mkdirSync(directory, { mode: 0o700 });
}

/** Starts the supervisor detached, in its own network and mount namespaces, and waits for its door. */
async function startSupervisor(name: string, paths: ClusterPaths, signal: AbortSignal): Promise<void> {
  const hostNamespace = openSync('/proc/self/ns/net', 'r');
  const log = openSync(paths.supervisorLog, 'a', 0o600);
  const child = spawn('unshare', ['--net', '--mount', '--', process.execPath, SUPERVISOR, name], {
    detached: true,
    stdio: ['ignore', log, log, hostNamespace],
    env: process.env,
  });
  closeSync(hostNamespace);
  closeSync(log);
  child.unref();
  const fail = (reason: string): FiredrillError =>
    new FiredrillError('supervisor.start-failed', `the supervisor of ${name} ${reason}`, {
      hint: logTail(paths.supervisorLog) || `see ${paths.supervisorLog}`,
    });
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(paths.directory, () => look());
    const timer = setTimeout(
      () => end(fail(`did not open its door within ${DOOR_WITHIN_MS} ms`)),
      DOOR_WITHIN_MS,
    );
    const aborted = (): void => end(signal.reason as Error);
    const end = (error?: Error): void => {
      watcher.close();
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      child.removeAllListeners();
      if (error) reject(error);
      else resolve();
    };
    const look = (): void => {
      if (existsSync(paths.controlSocket)) end();
    };
    signal.addEventListener('abort', aborted);
    child.once('error', (error) => end(fail(error.message)));
    child.once('exit', (code, by) => end(fail(`ended at once (${by ?? `code ${code ?? '?'}`})`)));
    if (signal.aborted) aborted();
    else look();
  });
}

async function followStart(
  client: SupervisorClient,
  onProgress: OnProgress,
  signal: AbortSignal,
  paths: ClusterPaths,
): Promise<void> {
  for await (const progress of client.lines<ProvisionProgress>('/v1/progress', signal)) {
    onProgress(progress);
    if (progress.step === 'cluster' && progress.state === 'end') break;
  }
  signal.throwIfAborted();
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

/** Takes down what a failed start has left; the first error is the one that counts. */
async function abandon(paths: ClusterPaths): Promise<void> {
  if (existsSync(paths.controlSocket)) {
    try {
      await new SupervisorClient(paths.controlSocket).call('POST', '/v1/down');
      return;
    } catch {
      // It died by itself: the reaper takes the rest away.
    }
  }
  if (existsSync(paths.supervisor)) await reap();
  else rmSync(paths.directory, { recursive: true, force: true });
}

function logTail(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').slice(-4).join(' | ') : '';
}
