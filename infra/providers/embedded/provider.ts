import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { sourceFile } from '../../../harness/core/installation.ts';
import type { ClusterProvider, ClusterSpec } from '../../cluster.ts';
import { binaryImage } from '../../images/binary-image.ts';
import { imageCacheDirectory } from '../../images/blob-store.ts';
import { buildImages } from '../../images/build-image.ts';
import { pauseImage } from '../../images/pause.ts';
import { clustersRoot, rootFor } from '../../supervisor/cluster-directory.ts';
import { provisionSupervised, supervisedClusters, type OnProgress } from '../../supervisor/provision.ts';
import { reapClusters } from '../../supervisor/reap.ts';
import type { ProviderDescriptor } from '../../supervisor/remote-cluster.ts';
import type { SupervisorProgram } from '../../supervisor/start-supervisor.ts';
import { BUNDLES } from '../../toolchain/components.ts';
import { cgroupTree } from './cgroup-tree.ts';
import { bootstrapObjectsOf } from './bootstrap-objects.ts';
import { embeddedDeviations } from './deviations.ts';
import { softwareOf } from './software.ts';
import { sweepEmbedded } from './sweep.ts';
import { activityOf, openToolchain, type Tool } from '../../toolchain/index.ts';
import { ensureSystemPrograms } from '../../toolchain/system.ts';
import { diskCache, goldenDisks } from './golden-disk.ts';
import { HUB_TOOLS, NODE_TOOLS, type LaunchPlan } from './launch.ts';
import { requireMachine } from './machine-survey.ts';
import { embeddedRequirements } from './requirements.ts';
import { requireDisk, requireMemory } from '../../supervisor/headroom.ts';

const PROGRAMS = [...HUB_TOOLS, ...NODE_TOOLS, 'coredns'] as const;

export const EMBEDDED_SUPERVISOR: SupervisorProgram = {
  path: join(import.meta.dirname, sourceFile('supervisor')),
  namespaces: 'own',
};

const descriptorOf = (env: NodeJS.ProcessEnv): ProviderDescriptor => ({
  provider: 'embedded',
  env,
  sweep: sweepEmbedded,
  // Asked of a cluster that is there: other machines may have no control groups at all.
  get deviations() {
    return embeddedDeviations(cgroupTree().version);
  },
  cannot: {
    'networkpolicy.enforced':
      'the embedded network routes everything; nothing enforces NetworkPolicies there',
  },
});

/** Real Kubernetes on this machine, without Docker: one supervisor process per cluster. */
export function embeddedProvider(env: NodeJS.ProcessEnv): ClusterProvider {
  const descriptor = descriptorOf(env);
  return {
    name: descriptor.provider,
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

    requireMachine: (nodes, signal) => requireMachine(env, nodes, signal),

    async provision(spec, onProgress, signal) {
      await reapClusters({ [descriptor.provider]: descriptor.sweep }, clustersRoot(env));
      const root = rootFor(spec.name, env);
      const nodes = spec.workers + spec.infraNodes;
      requireMemory(nodes);
      const plan = await prepare(spec, env, onProgress, signal);
      requireDisk(root, nodes);
      const start = { spec, plan, program: EMBEDDED_SUPERVISOR, descriptor };
      return await provisionSupervised(start, onProgress, signal);
    },

    ...supervisedClusters(descriptor),
  };
}

/** Tools and base images; nothing of the cluster exists yet. */
async function prepare(
  spec: ClusterSpec,
  env: NodeJS.ProcessEnv,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<LaunchPlan> {
  const startedMs = performance.now();
  onProgress({ step: 'tools', state: 'begin', detail: 'looking for the tool chain' });
  const { runc } = await ensureSystemPrograms({
    environment: env,
    onProgress: (detail) => onProgress({ step: 'tools', state: 'progress', detail }),
    signal,
  });
  const progress = (detail: string): void =>
    onProgress({ step: 'tools', state: 'progress', detail, elapsedMs: performance.now() - startedMs });
  const tools = await openToolchain(env).ensure(PROGRAMS, {
    signal,
    onProgress: (tool) => progress(activityOf(tool)),
  });
  const { images: everywhere = [], infraImages = [], ...plainSpec } = spec;
  const extraImages = [...infraImages, ...everywhere];
  const images = await buildImages(
    [pauseImage(), binaryImage({ name: 'coredns', binary: tools.coredns.path }), ...extraImages],
    imageCacheDirectory(env),
    { signal },
  );
  const [pause, dns] = images;
  if (pause === undefined || dns === undefined) {
    throw new FiredrillError('images.missing', 'the base images were not built');
  }
  const { containerd, ctr } = tools;
  const disks = await goldenDisks({
    images,
    cache: diskCache(env),
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
    goldenDisks: disks,
    bootstrapObjects: bootstrapObjectsOf(tools['kube-apiserver'].digest, env),
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
