import { rmSync } from 'node:fs';
import { endClusters, provideCluster } from '../../harness/run/run-cluster.ts';
import { StepPrinter } from '../../harness/run/step-printer.ts';
import type { ScenarioOptions } from '../../harness/stage/options.ts';
import { prepareStage } from '../../harness/stage/prepare-stage.ts';
import type { Cluster, ClusterProvider } from '../../infra/cluster.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { embeddedProvider } from '../../infra/providers/embedded/provider.ts';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import { openToolchain } from '../../infra/toolchain/index.ts';
import { PLAIN } from '../../reports/terminal/index.ts';
import { ownIdentity } from '../../infra/process/identity.ts';

const quiet = (): void => {};

/** A cluster of a usual run. */
interface BenchCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly kube: KubeClient;
  /** From cached tools until its nodes were Ready, and until all was that stands on it. */
  readonly nodesSeconds: number;
  readonly stageSeconds: number;
}

/** Brings one up, with all that a trial with these options needs on it, or with nothing. */
export async function bringUp(
  signal: AbortSignal,
  {
    options,
    provider = embeddedProvider(process.env),
  }: { options?: ScenarioOptions; provider?: ClusterProvider } = {},
): Promise<BenchCluster> {
  await using up = new AsyncDisposableStack();
  const directory = makeTemporaryFolder('firedrill-bench-');
  up.defer(() => rmSync(directory, { recursive: true, force: true }));
  const context = {
    ...{ runId: 'bench', directory, seed: 1, provider: provider.name, clusterName: `bench-${process.pid}` },
    ...{ launcher: ownIdentity(), clusterIsGiven: false, control: false, bare: false },
  };
  const { env } = process;
  const source = { provider, env };
  up.defer(async () => {
    await endClusters(context, source, undefined, quiet);
  });
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  const { cluster } = await provideCluster(context, source, PLAIN, quiet, signal);
  const nodesSeconds = seconds();
  const kube = up.adopt(new KubeClient(cluster.kube), (client) => client.close());
  const steps = new StepPrinter(quiet, PLAIN);
  const toolchain = openToolchain(env);
  if (options !== undefined) await prepareStage({ cluster, kube, options, steps, toolchain, signal });
  const stageSeconds = seconds();
  const ends = up.move();
  return {
    ...{ cluster, kube, nodesSeconds, stageSeconds },
    [Symbol.asyncDispose]: () => ends.disposeAsync(),
  };
}
