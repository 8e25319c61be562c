import type { Hold, Cluster, ClusterProvider } from '../../infra/cluster.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { reap } from '../../infra/reap.ts';
import { openToolchain, type Toolchain, type ToolName } from '../../infra/toolchain/index.ts';
import { formatHeader, type TerminalStyle } from '../../reports/terminal/index.ts';
import { describeError, messageOf } from '../core/errors.ts';
import { patient } from '../core/patience.ts';
import { COMMANDS } from '../core/installation.ts';
import { tame } from '../core/plain-text.ts';
import { clusterSpec, requireSameCluster } from './attach-cluster.ts';
import { holdCluster } from './hold-cluster.ts';
import { Installation } from '../stage/installed.ts';
import { DEFAULT_OPTIONS, type ScenarioOptions } from '../stage/options.ts';
import { logsDirectory } from '../core/journal/run-files.ts';
import { given } from '../core/given.ts';
import type { RunContext } from './run-context.ts';
import { hasServers } from '../stage/present-monitoring.ts';
import { reaperImage, stageImages } from '../stage/stage-images.ts';
import { StepPrinter } from './step-printer.ts';
import { overrideFromEnvironment, validateOptions } from '../stage/validate-options.ts';
import { describeWorkload } from '../stage/workload.ts';

/** Pods get time to end, and namespaces to empty. */
const GIVE_BACK_WITHIN_MS = patient(180_000);

export type Print = (text: string) => void;

/** Where the clusters of a run come from. */
export interface ClusterSource {
  readonly provider: ClusterProvider;
  /** The environment that settings are read from. */
  readonly env: NodeJS.ProcessEnv;
}

/** The cluster of a run while the run lasts. */
export interface RunCluster {
  readonly cluster: Cluster;
  /** Our hold on a cluster that was given: nobody else injects into it meanwhile. */
  readonly hold?: Hold;
}

/** Attaches to the cluster that was given, or makes one that ends with this process; tells both step by step. */
export async function provideCluster(
  run: RunContext,
  { provider, env }: ClusterSource,
  style: TerminalStyle,
  print: Print,
  signal: AbortSignal,
): Promise<RunCluster> {
  const usual = validateOptions(overrideFromEnvironment(DEFAULT_OPTIONS, env));
  const { cluster: options } = usual;
  const { seed } = run;
  const toolchain = openToolchain(env);
  if (run.clusterIsGiven) {
    const cluster = requireSameCluster(run, await provider.attach(run.clusterName, signal));
    if (cluster.borrowed === true) {
      await requireStageImages(cluster, usual, toolchain, style, print, signal);
    }
    const hold = await holdCluster(cluster, run, usual, signal);
    const { kubernetesVersion, machineProfile } = cluster;
    const nodes = await cluster.nodes();
    print(
      `${formatHeader({ provider: provider.name, kubernetesVersion, machineProfile, nodes, seed }, style)}\n`,
    );
    return { cluster, hold };
  }
  const nodes = Array.from({ length: options.workers }, (_, index) => ({
    zone: `zone-${(index % options.zones) + 1}`,
    role: 'worker',
  }));
  const { machineProfile } = options;
  const kubernetesVersion = provider.kubernetesVersion ?? '';
  print(
    `${formatHeader({ provider: provider.name, kubernetesVersion, machineProfile, nodes, seed }, style)}\n`,
  );

  const steps = new StepPrinter(print, style);
  const startedMs = new Map<string, number>();
  const toolsSinceMs = performance.now();
  const tellTools = (message: string): void =>
    steps.progress('tools', message, performance.now() - toolsSinceMs);
  try {
    // What the usual trial needs is on the nodes' disks from the start; a scenario with other needs loads them later.
    const workload = describeWorkload(usual.workload);
    const images = await stageImages(usual, workload, {
      toolchain,
      onProgress: tellTools,
      signal,
      ...given({ programs: provider.programs }),
    });
    const cluster = await provider.provision(
      {
        ...clusterSpec(run.clusterName, options),
        owner: run.launcher,
        images: images.forWorkers,
        infraImages: images.forInfra,
        logsOfFailure: logsDirectory(run.directory, run.clusterName),
      },
      ({ step, state, detail, elapsedMs }) => {
        const since = startedMs.get(step) ?? performance.now();
        startedMs.set(step, since);
        const passedMs = elapsedMs ?? performance.now() - since;
        if (state === 'end') steps.done(step, detail, passedMs);
        else steps.progress(step, detail, passedMs);
      },
      signal,
    );
    return { cluster };
  } finally {
    steps.clear();
  }
}

/** Nodes that are somebody else's have our images or not: that is told before a single trial begins. */
async function requireStageImages(
  cluster: Cluster,
  usual: ScenarioOptions,
  toolchain: Toolchain<ToolName>,
  style: TerminalStyle,
  print: Print,
  signal: AbortSignal,
): Promise<void> {
  const steps = new StepPrinter(print, style);
  const sinceMs = performance.now();
  const onProgress = (message: string): void =>
    steps.progress('images', message, performance.now() - sinceMs);
  try {
    const healer = cluster.present?.healer === true ? 'off' : usual.healer;
    const workload = describeWorkload(usual.workload);
    const means = { toolchain, onProgress, signal, hasServers: hasServers(cluster) };
    if (cluster.imagesUnknown === true) {
      const all = await stageImages({ ...usual, healer }, workload, means);
      // Onto no node: all of them are told, not those of one kind of node.
      await cluster.loadImages([...all.forInfra, reaperImage(), ...all.forWorkers], []);
    }
    // Images of workload and load are left out: a scenario's workload may run already, and its load may be off.
    const noWorkload = { ...workload, images: [] };
    const base = await stageImages({ healer, load: 'off' }, noWorkload, means);
    const infra = [...base.forInfra, reaperImage()];
    const nodes = await cluster.nodes();
    const infraNodes = nodes.filter(({ role }) => role === 'infra').map(({ name }) => name);
    if (infraNodes.length === 0) await cluster.loadImages([...infra, ...base.forWorkers]);
    else await Promise.all([cluster.loadImages(infra, infraNodes), cluster.loadImages(base.forWorkers)]);
  } finally {
    steps.clear();
  }
}

/** How the clusters of a run ended. */
export interface ClustersEnd {
  /** False where one had died before: with it everything on it has ended, and a fault that could not be undone is no residue. */
  readonly clustersLived: boolean;
  /** Something that we had installed on somebody else's cluster is still there. */
  readonly leftovers: boolean;
}

/** Releases a cluster that was given, and destroys every one that was made for this run. */
export async function endClusters(
  run: RunContext,
  source: ClusterSource,
  provided: RunCluster | undefined,
  print: Print,
): Promise<ClustersEnd> {
  const { provider, env } = source;
  if (!run.clusterIsGiven) {
    // One that died is listed no more; the reaper takes what is left of it.
    const lived = provided === undefined || (await provider.list()).includes(run.clusterName);
    if (!lived) await reapAndTell(env, print);
    const clustersLived = (await destroyClustersOf(run.clusterName, source, print)) && lived;
    return { clustersLived, leftovers: false };
  }
  // While the hold keeps others out.
  const leftovers = provided?.cluster.borrowed === true && !(await giveBack(provided, print));
  return { clustersLived: await releaseCluster(run, source, provided?.hold, print), leftovers };
}

/**
 * Takes away what this run has installed on somebody else's cluster; false where some of it is left. Where a process of
 * ours was killed before it could mend what it had broken, the reaper does so when nobody gives signs of life any more,
 * and takes all of it away itself.
 */
async function giveBack({ cluster, hold }: RunCluster, print: Print): Promise<boolean> {
  const startedMs = performance.now();
  try {
    const { holds } = await cluster.undone();
    if (holds.some(({ id, undos }) => id !== hold?.id && undos > 0)) {
      print(`  ${cluster.name} is mended from inside within a minute; what we installed goes then, too\n`);
      return false;
    }
    using kube = new KubeClient(cluster.kube);
    const removed = await new Installation(kube, AbortSignal.timeout(GIVE_BACK_WITHIN_MS)).removeAll();
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    if (removed.length > 0) print(`  ${removed.length} objects of ours taken away again in ${seconds} s\n`);
    return true;
  } catch (error) {
    print(`  not all that we installed on ${cluster.name} is gone: ${describeError(error)}\n`);
    return false;
  }
}

async function releaseCluster(
  run: RunContext,
  { provider, env }: ClusterSource,
  hold: Hold | undefined,
  print: Print,
): Promise<boolean> {
  try {
    await hold?.release();
    return true;
  } catch (error) {
    print(`  the cluster ${run.clusterName} has died: ${tame(messageOf(error))}\n`);
    await reapAndTell(env, print);
    return (await provider.list()).includes(run.clusterName);
  }
}

/**
 * Destroys the cluster of a run, and those that its trials have made for other topologies.
 *
 * @returns false where one of them had died before
 */
export async function destroyClustersOf(
  clusterName: string,
  { provider, env }: ClusterSource,
  print: Print,
): Promise<boolean> {
  const made = await clustersOf(clusterName, provider);
  let allLived = true;
  for (const name of made)
    try {
      // The cluster is ours, whatever became of its holders, and may never have come up.
      await provider.end(name, { force: true });
    } catch (error) {
      // A cluster may be going down already; the reaper takes what is left.
      allLived = false;
      await reapAndTell(env, print);
      if ((await provider.list()).includes(name))
        print(`  the cluster ${name} is still there: ${describeError(error)}\n`);
    }
  return allLived;
}

/** What cannot be taken away now, such as the containers of an engine that was stopped, is told with the next step. */
async function reapAndTell(env: NodeJS.ProcessEnv, print: Print): Promise<void> {
  for (const { cluster, left } of await reap(env)) {
    if (left !== undefined)
      print(
        `  the cluster ${cluster} could not be taken away: ${left}; ${COMMANDS.firedrill} reap tries again\n`,
      );
  }
}

/** The clusters that a run works on: the one that it was given, or those of its own that are there. */
export async function clustersOfRun(run: RunContext, provider: ClusterProvider): Promise<readonly string[]> {
  return run.clusterIsGiven ? [run.clusterName] : await clustersOf(run.clusterName, provider);
}

/** The cluster of a run and those that its trials have made. */
async function clustersOf(clusterName: string, provider: ClusterProvider): Promise<readonly string[]> {
  return (await provider.list()).filter((name) => name === clusterName || name.startsWith(`${clusterName}-`));
}
