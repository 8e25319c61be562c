import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endClusters, provideCluster } from '../../harness/run/run-cluster.ts';
import { DEFAULT_OPTIONS } from '../../harness/stage/options.ts';
import { prepareStage } from '../../harness/stage/prepare-stage.ts';
import { StepPrinter } from '../../harness/run/step-printer.ts';
import type { Cluster } from '../../infra/cluster.ts';
import { embeddedProvider } from '../../infra/providers/embedded/provider.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { PLAIN } from '../../reports/terminal/index.ts';
import type { Bench } from './bench.ts';

const quiet = (): void => {};

/** A cluster of a usual run, with all that a trial needs on it or with nothing. */
interface Standing {
  readonly startedMs: number;
  readonly cluster: Cluster;
  readonly kube: KubeClient;
}

/** Brings one up, lets `use` work with it, and takes it down again. */
export async function withCluster<T>(
  what: 'nodes' | 'stage',
  signal: AbortSignal,
  use: (standing: Standing) => T | Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const context = {
    runId: 'bench',
    directory,
    seed: 1,
    provider: embeddedProvider.name,
    clusterName: `bench-${process.pid}`,
    clusterIsGiven: false,
    control: false,
    bare: false,
  };
  try {
    const startedMs = performance.now();
    const { cluster } = await provideCluster(context, embeddedProvider, PLAIN, quiet, signal);
    const kube = new KubeClient(cluster.kube);
    try {
      const steps = new StepPrinter(quiet, PLAIN);
      const options = { ...DEFAULT_OPTIONS, load: 'off' } as const;
      if (what === 'stage') await prepareStage({ cluster, kube, options, steps, signal });
      return await use({ startedMs, cluster, kube });
    } finally {
      kube.close();
    }
  } finally {
    await endClusters(context, embeddedProvider, undefined, quiet);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Times the start. */
function startOf(what: 'nodes' | 'stage'): Bench['measure'] {
  return async (runs, signal, log) => {
    const figures: number[] = [];
    for (let run = 0; run < runs; run++) {
      const tookMs = await withCluster(what, signal, ({ startedMs }) => performance.now() - startedMs);
      figures.push(tookMs / 1000);
      log(`run ${run + 1}: ${figures.at(-1)?.toFixed(2) ?? ''} s`);
    }
    return figures;
  };
}

export const nodesReady: Bench = {
  name: 'nodes',
  what: 'cached tools to four real nodes Ready',
  target: 'no promise',
  unit: 's',
  runs: 5,
  measure: startOf('nodes'),
};

export const stack: Bench = {
  name: 'stack',
  what: 'cached tools to four nodes with monitoring, healer and storefront, all Ready',
  target: 'no promise',
  unit: 's',
  runs: 5,
  measure: startOf('stage'),
};
