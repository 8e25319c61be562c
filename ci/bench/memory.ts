import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { embeddedProvider } from '../../infra/providers/embedded/provider.ts';
import { ContainerEngine } from '../../infra/engine/engine.ts';
import { findEngine } from '../../infra/engine/find-engine.ts';
import type { ClusterProvider } from '../../infra/cluster.ts';
import { CLUSTER_LABEL, kindName } from '../../infra/providers/kind/kind-plan.ts';
import { kindProvider } from '../../infra/providers/kind/provider.ts';
import { kindSettings } from '../../infra/providers/kind/settings.ts';
import { buildImages } from '../../infra/images/index.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { deployMonitoring } from '../../infra/monitoring/deploy.ts';
import { imagesOf, type MonitoringComponent, type PerComponent } from '../../infra/monitoring/images.ts';
import { clustersRoot } from '../../infra/supervisor/cluster-directory.ts';
import { ensureTools } from '../../infra/toolchain/index.ts';
import type { Bench } from './bench.ts';
import { readOrNothing } from './processes.ts';

/** After this the caches of a fresh cluster have settled. */
const SETTLE_MS = 20_000;

/** A cluster that has just been brought up with monitoring. */
interface IdleCluster {
  /** Until its nodes were Ready. */
  readonly startSeconds: number;
  /** Of all its processes, once it has settled; those of a container engine itself are not among them. */
  readonly gigabytes: number;
}

/** Brings one up with 3 workers, an infra node and monitoring, without any workload, looks at it, and takes it down. */
async function idleCluster(provider: ClusterProvider, signal: AbortSignal): Promise<IdleCluster> {
  const tools = await ensureTools(['prometheus', 'alertmanager'], { signal });
  const definitions = imagesOf({
    prometheus: tools.prometheus.path,
    alertmanager: tools.alertmanager.path,
  });
  const names = Object.keys(definitions) as MonitoringComponent[];
  const built = await buildImages(names.map((name) => definitions[name]));
  const images = Object.fromEntries(
    names.map((name, index) => [name, built[index]?.reference ?? '']),
  ) as PerComponent<string>;
  const startedMs = performance.now();
  const cluster = await provider.provision(
    {
      name: `bench-${process.pid}`,
      workers: 3,
      zones: 3,
      infraNodes: 1,
      machineProfile: 'bmc',
      environment: 'bench',
      ephemeral: true,
      images: Object.values(definitions),
    },
    () => {},
    signal,
  );
  try {
    const startSeconds = (performance.now() - startedMs) / 1000;
    const kube = new KubeClient(cluster.kube);
    await deployMonitoring({ kube, images, profile: 'drill', signal });
    kube.close();
    await delay(SETTLE_MS, undefined, { signal });
    const containers = provider.name === kindProvider.name ? await containerIds(cluster.name) : [];
    return { startSeconds, gigabytes: proportionalBytes(cluster.name, containers) / 1e9 };
  } finally {
    await cluster.destroy();
  }
}

/** Proportional memory of every process of an idle cluster, the supervisor among them. */
export const memory: Bench = {
  name: 'memory',
  what: 'idle memory with 3 workers, an infra node and monitoring, no workload',
  target: '<= 2 GB',
  unit: 'GB',
  runs: 1,
  async measure(runs, signal, log) {
    const figures: number[] = [];
    for (let run = 0; run < runs; run++) {
      const { gigabytes } = await idleCluster(embeddedProvider, signal);
      figures.push(gigabytes);
      log(`run ${run + 1}: ${gigabytes.toFixed(2)} GB`);
    }
    return figures;
  },
};

/** kind against embedded, by turns, so that both meet the same machine. */
function ratioOf(figure: keyof IdleCluster): Bench['measure'] {
  return async (runs, signal, log) => {
    const figures: number[] = [];
    for (let run = 0; run < runs; run++) {
      const embedded = await idleCluster(embeddedProvider, signal);
      const kind = await idleCluster(kindProvider, signal);
      for (const [name, idle] of Object.entries({ embedded, kind }))
        log(`run ${run + 1}, ${name}: ${idle.startSeconds.toFixed(1)} s, ${idle.gigabytes.toFixed(2)} GB`);
      figures.push(kind[figure] / embedded[figure]);
    }
    return figures;
  };
}

const COMPARED = 'kind / embedded, each with 4 nodes of its own and monitoring';

export const comparisons: readonly Bench[] = [
  {
    name: 'start-ratio',
    what: `nodes Ready: ${COMPARED}`,
    target: 'no promise',
    unit: 'times',
    runs: 3,
    long: true,
    needsKind: true,
    measure: ratioOf('startSeconds'),
  },
  {
    name: 'memory-ratio',
    what: `idle memory: ${COMPARED}`,
    target: 'no promise',
    unit: 'times',
    runs: 3,
    long: true,
    needsKind: true,
    measure: ratioOf('gigabytes'),
  },
];

/** Every process in a container of kind's, also in those within it, has the container's ID in its control group. */
async function containerIds(cluster: string): Promise<readonly string[]> {
  const { engine: found } = await findEngine(kindSettings(process.env));
  if (found === undefined) throw new Error('the engine of this cluster does not answer any more');
  const engine = new ContainerEngine(found.name);
  const filter = `label=${CLUSTER_LABEL}=${kindName(cluster)}`;
  const out = await engine.call(['ps', '--quiet', '--no-trunc', '--filter', filter]);
  return out.split('\n').filter((id) => id !== '');
}

/** Memory shared between processes counts once (Pss of smaps_rollup), so that the figures add up. */
function proportionalBytes(cluster: string, containers: readonly string[]): number {
  const supervisor = JSON.parse(readFileSync(`${clustersRoot()}/${cluster}/supervisor.json`, 'utf8')) as {
    pid: number;
  };
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = readOrNothing(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const descends = (pid: number): boolean =>
    pid === supervisor.pid || (pid > 1 && descends(parents.get(pid) ?? 0));
  const isInside = (pid: number): boolean => {
    const group = containers.length === 0 ? '' : readOrNothing(`/proc/${pid}/cgroup`);
    return containers.some((id) => group.includes(id));
  };
  let kilobytes = 0;
  for (const pid of parents.keys()) {
    if (!descends(pid) && !isInside(pid)) continue;
    kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  }
  return kilobytes * 1024;
}
