import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterSpec } from '../../../../harness/run/attach-cluster.ts';
import { DEFAULT_OPTIONS, type ClusterOptions } from '../../../../harness/stage/options.ts';
import { reaperImage, stageImages } from '../../../../harness/stage/stage-images.ts';
import { describeWorkload } from '../../../../harness/stage/workload.ts';
import { deployHealer } from '../../../../healers/deploy/deploy.ts';
import { imageCacheDirectory } from '../../../images/blob-store.ts';
import { buildImages } from '../../../images/build-image.ts';
import type { ImageDefinition } from '../../../images/definition.ts';
import { openToolchain } from '../../../toolchain/index.ts';
import { embeddedProvider } from '../../embedded/provider.ts';
import { applyAll } from '../../../kube/apply.ts';
import { KubeClient } from '../../../kube/client.ts';
import { loadKubeconfig } from '../../../kubeconfig/kubeconfig.ts';
import { parseManifests } from '../../../kube/manifests.ts';
import { refOf, type KubeObject } from '../../../kube/objects.ts';
import { deploymentReady } from '../../../kube/readiness.ts';
import { waitForObject } from '../../../kube/wait.ts';
import { machineInterfaceOf, type MachineInterface } from './machine-interface.ts';
import { temporaryDirectory } from '../../../../harness/testing/temporary-directory.ts';

const OBSERVABILITY = join(import.meta.dirname, 'observability.yaml');
const READY_WITHIN_MS = 60_000;

/** Where the owner's own monitoring is, for a command line. */
export const OWN_MONITORING: readonly string[] = [
  ...['--prometheus', 'observability/prometheus'],
  ...['--alertmanager', 'observability/alertmanager'],
];

/** A cluster that a team runs for itself, with whatever of it is asked for; whoever drills there has its kubeconfig only. */
export interface StagingCluster extends AsyncDisposable {
  readonly kube: KubeClient;
  readonly uid: string;
  readonly context: string;
  /** The owner's. */
  readonly kubeconfig: string;
  /** Name and file of the context, for a command line. */
  readonly reached: readonly string[];
  readonly machines: MachineInterface;
  /** Puts a shop and a monitoring of its owner's there. */
  openShop(): Promise<void>;
  /** Puts the healer there, as its owner runs it. */
  installHealer(): Promise<void>;
}

/** Brings one up on which nothing runs yet; the images of a drill are on its nodes. */
export async function stagingCluster(
  name: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  topology: ClusterOptions = DEFAULT_OPTIONS.cluster,
): Promise<StagingCluster> {
  await using undo = new AsyncDisposableStack();
  const workload = describeWorkload('storefront');
  const provider = embeddedProvider(env);
  const images = await stageImages(DEFAULT_OPTIONS, workload, {
    toolchain: openToolchain(env),
    onProgress: () => undefined,
    signal,
  });
  const everywhere = [...images.forInfra, ...images.forWorkers];
  const spec = { ...clusterSpec(name, topology), images: everywhere };
  undo.defer(() => provider.end(name, { force: false }));
  const cluster = await provider.provision(spec, () => undefined, signal);
  await cluster.loadImages([reaperImage()]);

  const directory = temporaryDirectory('staging');
  const kubeconfig = join(directory, 'kubeconfig');
  copyFileSync(cluster.kubeconfigPath, kubeconfig);
  const { context, ...target } = await loadKubeconfig({ path: kubeconfig, env: process.env });
  const kube = new KubeClient(target);
  undo.defer(() => kube.close());
  const machines = undo.use(await machineInterfaceOf(cluster));

  const built = await buildImages(everywhere, imageCacheDirectory(env), { signal });
  const referenceOf = (image: ImageDefinition | undefined): string =>
    built[everywhere.findIndex((one) => one === image)]?.reference ?? '';
  const owned = undo.move();
  return {
    kube,
    uid: cluster.uid,
    context,
    kubeconfig,
    reached: ['--context', context, '--kubeconfig', kubeconfig],
    machines,
    openShop: async () => {
      const { servers } = images;
      const text = readFileSync(OBSERVABILITY, 'utf8')
        .replace('PROMETHEUS_IMAGE', referenceOf(servers?.prometheus))
        .replace('ALERTMANAGER_IMAGE', referenceOf(servers?.alertmanager));
      const shop = workload.manifests(workload.images.map(referenceOf));
      await applyAndWait(kube, [...parseManifests(text, OBSERVABILITY), ...shop], signal);
    },
    installHealer: async () => {
      const overlay = { node: { mode: 'act' } } as const;
      await deployHealer({ kube, image: referenceOf(images.healer), overlay, signal });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function applyAndWait(
  kube: KubeClient,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  await applyAll(kube, objects, { fieldManager: 'owner', signal });
  const deployments = objects.map(refOf).filter(({ kind }) => kind === 'Deployment');
  await Promise.all(
    deployments.map(({ namespace, name }) =>
      waitForObject(
        kube,
        { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name } as const,
        deploymentReady,
        { timeoutMs: READY_WITHIN_MS, signal },
      ),
    ),
  );
}
