import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PROBE_NAMESPACE } from '../../infra/agents/probe/manifest.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { MONITORING_NAMESPACE } from '../../infra/monitoring/names.ts';
import type { Bench } from './bench.ts';
import { readOrNothing } from './processes.ts';
import { withCluster } from './stack.ts';

/** Where everything runs that only measures. */
const NAMESPACES = [MONITORING_NAMESPACE, PROBE_NAMESPACE] as const;
const SETTLE_MS = 20_000;
const MEASURE_MS = 30_000;
/** Linux counts processor time for people in hundredths of a second on every architecture (`getconf CLK_TCK`). */
const TICK_MS = 10;

/** Processor time of Prometheus, Alertmanager, exporter and receiver on a ready stage; the probe is there, and idle. */
export const weight: Bench = {
  name: 'weight',
  what: 'monitoring in a steady state, the probe not asking yet, in per cent of one core',
  target: '<= 15 %',
  unit: '%',
  runs: 1,
  async measure(runs, signal, log) {
    const figures: number[] = [];
    for (let run = 0; run < runs; run++) {
      const share = await withCluster('stage', signal, async ({ kube }) => {
        await delay(SETTLE_MS, undefined, { signal });
        const pods = await podUids(kube);
        const before = processorMs(pods);
        const sinceMs = performance.now();
        await delay(MEASURE_MS, undefined, { signal });
        return (processorMs(pods) - before) / (performance.now() - sinceMs);
      });
      figures.push(share * 100);
      log(`run ${run + 1}: ${figures.at(-1)?.toFixed(1) ?? ''} %`);
    }
    return figures;
  },
};

async function podUids(kube: KubeClient): Promise<readonly string[]> {
  const lists = await Promise.all(
    NAMESPACES.map((namespace) => kube.list({ apiVersion: 'v1', kind: 'Pod', namespace } as const)),
  );
  return lists.flatMap(({ items }) => items.flatMap(({ metadata }) => metadata?.uid ?? []));
}

/** What the processes of these pods have used so far; their control group carries the pod's UID. */
function processorMs(pods: readonly string[]): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const group = readOrNothing(`/proc/${pid}/cgroup`);
    if (!pods.some((uid) => group.includes(uid) || group.includes(uid.replaceAll('-', '_')))) continue;
    const stat = readOrNothing(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks * TICK_MS;
}
