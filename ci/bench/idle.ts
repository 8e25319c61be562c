import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_OPTIONS, type ScenarioOptions } from '../../harness/stage/options.ts';
import { PROBE_NAMESPACE } from '../../infra/agents/probe/manifest.ts';
import type { ClusterProvider } from '../../infra/cluster.ts';
import { ContainerEngine } from '../../infra/engine/engine.ts';
import { findEngine } from '../../infra/engine/find-engine.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { MONITORING_NAMESPACE } from '../../infra/monitoring/names.ts';
import { embeddedProvider } from '../../infra/providers/embedded/provider.ts';
import { CLUSTER_LABEL, kindName } from '../../infra/providers/kind/kind-plan.ts';
import { kindProvider } from '../../infra/providers/kind/provider.ts';
import { kindSettings } from '../../infra/providers/kind/settings.ts';
import { clustersRoot } from '../../infra/supervisor/cluster-directory.ts';
import type { Bench } from './bench.ts';
import { bringUp } from './stage.ts';

/** How long the caches of a fresh cluster take to settle. */
const SETTLE_MS = 20_000;
const MEASURE_MS = 30_000;
/** Linux counts processor time for people in hundredths of a second on every architecture (`getconf CLK_TCK`). */
const TICK_MS = 10;
/** Monitoring alone: a workload that runs already is nothing of ours, and none is looked for. */
const MONITORING_ALONE: ScenarioOptions = {
  ...DEFAULT_OPTIONS,
  ...{ healer: 'off', load: 'off' },
  workload: { probe: { url: 'http://nowhere/' }, capacity: { selector: 'app=none', replicas: 1 } },
};

/** What a cluster takes on which nothing happens. */
export const idling: readonly Bench[] = [
  {
    what: 'idle memory with 3 workers, an infra node and monitoring, no workload',
    figures: { memory: { unit: 'GB', target: '<= 1.2 GB' } },
    runs: 1,
    async *measure(_, signal) {
      for (;;) yield { memory: (await idleCluster(embeddedProvider(process.env), signal)).gigabytes };
    },
  },
  {
    what: 'monitoring in a steady state, the probe not asking yet, in per cent of one core',
    figures: { weight: { unit: '%', target: '<= 15 %' } },
    runs: 1,
    async *measure(_, signal) {
      for (;;) {
        await using standing = await bringUp(signal, { options: { ...DEFAULT_OPTIONS, load: 'off' } });
        await delay(SETTLE_MS, undefined, { signal });
        const pods = await uidsOfMeasuringPods(standing.kube);
        const before = processorMs(pods);
        const sinceMs = performance.now();
        await delay(MEASURE_MS, undefined, { signal });
        yield { weight: (100 * (processorMs(pods) - before)) / (performance.now() - sinceMs) };
      }
    },
  },
  {
    // The two are measured by turns, so that both meet the same machine.
    what: 'kind / embedded, each with 4 nodes of its own and monitoring: nodes Ready, idle memory',
    figures: { 'start-ratio': { unit: 'times' }, 'memory-ratio': { unit: 'times' } },
    ...{ runs: 3, long: true, needsKind: true },
    async *measure(_, signal) {
      for (;;) {
        const embedded = await idleCluster(embeddedProvider(process.env), signal);
        const kind = await idleCluster(kindProvider(process.env), signal);
        yield {
          'start-ratio': kind.nodesSeconds / embedded.nodesSeconds,
          'memory-ratio': kind.gigabytes / embedded.gigabytes,
        };
      }
    },
  },
];

/** Until its nodes were Ready, and what all its processes take once it has settled; a container engine's own are not among them. */
async function idleCluster(provider: ClusterProvider, signal: AbortSignal) {
  await using standing = await bringUp(signal, { provider, options: MONITORING_ALONE });
  const { cluster, nodesSeconds } = standing;
  await delay(SETTLE_MS, undefined, { signal });
  const containers = provider.name === 'kind' ? await containerIds(cluster.name) : [];
  return { nodesSeconds, gigabytes: proportionalBytes(cluster.name, containers) / 1e9 };
}

/** The pods that only measure: Prometheus, Alertmanager, exporter, receiver and probe. */
async function uidsOfMeasuringPods(kube: KubeClient): Promise<readonly string[]> {
  const lists = await Promise.all(
    [MONITORING_NAMESPACE, PROBE_NAMESPACE].map((namespace) =>
      kube.list({ apiVersion: 'v1', kind: 'Pod', namespace } as const),
    ),
  );
  return lists.flatMap(({ items }) => items.flatMap(({ metadata }) => metadata?.uid ?? []));
}

/** What the processes of these pods have used so far; their control group carries the pod's UID. */
function processorMs(pods: readonly string[]): number {
  const ids = pods.flatMap((uid) => [uid, uid.replaceAll('-', '_')]);
  const ticks = processIds()
    .filter((pid) => isInGroupOf(pid, ids))
    .map((pid) => Number(statOf(pid)[11] ?? 0) + Number(statOf(pid)[12] ?? 0));
  return TICK_MS * ticks.reduce((sum, each) => sum + each, 0);
}

/** Every process in a container of kind's, also in those within it, has the container's ID in its control group. */
async function containerIds(cluster: string): Promise<readonly string[]> {
  const { engine } = await findEngine(kindSettings(process.env), process.env);
  if (engine === undefined) throw new Error('the engine of this cluster does not answer any more');
  const filter = `label=${CLUSTER_LABEL}=${kindName(cluster)}`;
  const out = await new ContainerEngine(engine.name, process.env).call([
    'ps',
    '--quiet',
    '--no-trunc',
    '--filter',
    filter,
  ]);
  return out.split('\n').filter((id) => id !== '');
}

/** Memory shared between processes counts once (Pss of smaps_rollup), so that the figures add up. */
function proportionalBytes(cluster: string, containers: readonly string[]): number {
  const file = readFileSync(`${clustersRoot(process.env)}/${cluster}/supervisor.json`, 'utf8');
  const supervisor = JSON.parse(file) as { readonly pid: number };
  const parents = new Map(processIds().map((pid) => [pid, Number(statOf(pid)[1])]));
  const descends = (pid: number): boolean =>
    pid === supervisor.pid || (pid > 1 && descends(parents.get(pid) ?? 0));
  let kilobytes = 0;
  for (const pid of parents.keys())
    if (descends(pid) || isInGroupOf(pid, containers))
      kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return kilobytes * 1024;
}

function processIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

function isInGroupOf(pid: number, ids: readonly string[]): boolean {
  const group = ids.length === 0 ? '' : readOrNothing(`/proc/${pid}/cgroup`);
  return ids.some((id) => group.includes(id));
}

/** The fields of /proc/PID/stat from the third on: state, parent and so forth; none where the process has ended. */
function statOf(pid: number): readonly string[] {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A file of /proc; empty where its process has ended between two looks at it. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
