import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { embeddedProvider } from '../../infra/embedded/provider.ts';
import { buildImages } from '../../infra/images/index.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { deployMonitoring } from '../../infra/monitoring/deploy.ts';
import { imagesOf, type MonitoringComponent, type PerComponent } from '../../infra/monitoring/images.ts';
import { clustersRoot } from '../../infra/state-directory.ts';
import { ensureTools } from '../../infra/toolchain/index.ts';
import type { Bench } from './bench.ts';
import { readOrNothing } from './processes.ts';

/** After this the caches of a fresh cluster have settled. */
const SETTLE_MS = 20_000;

/** Proportional memory of every process of an idle cluster, the supervisor among them. */
export const memory: Bench = {
  name: 'memory',
  what: 'idle memory with 3 workers, an infra node and monitoring, no workload',
  target: '<= 2 GB',
  unit: 'GB',
  runs: 1,
  async measure(runs, signal, log) {
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
    const figures: number[] = [];
    for (let run = 0; run < runs; run++) {
      const cluster = await embeddedProvider.provision(
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
        const kube = new KubeClient(cluster.kube);
        await deployMonitoring({ kube, images, profile: 'drill', signal });
        kube.close();
        await delay(SETTLE_MS, undefined, { signal });
        figures.push(proportionalBytes(cluster.name) / 1e9);
        log(`run ${run + 1}: ${figures.at(-1)?.toFixed(2) ?? ''} GB`);
      } finally {
        await cluster.destroy();
      }
    }
    return figures;
  },
};

/** Memory shared between processes counts once (Pss of smaps_rollup), so that the figures add up. */
function proportionalBytes(cluster: string): number {
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
  let kilobytes = 0;
  for (const pid of parents.keys()) {
    if (!descends(pid)) continue;
    kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  }
  return kilobytes * 1024;
}
