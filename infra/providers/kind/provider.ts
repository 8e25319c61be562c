import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { sourceFile } from '../../../harness/core/installation.ts';
import type { ClusterProvider, ClusterSpec } from '../../cluster.ts';
import { imageCacheDirectory } from '../../images/blob-store.ts';
import { buildImages } from '../../images/build-image.ts';
import type { ImageDefinition } from '../../images/definition.ts';
import { provisionSupervised, supervisedClusters, type OnProgress } from '../../supervisor/provision.ts';
import { clusterPaths, clustersRoot, rootFor } from '../../supervisor/cluster-directory.ts';
import { reapClusters } from '../../supervisor/reap.ts';
import type { SupervisorProgram } from '../../supervisor/start-supervisor.ts';
import { activityOf, openToolchain } from '../../toolchain/index.ts';
import { provenanceOf } from '../../toolchain/provenance.ts';
import { clusterConfiguration } from './cluster-config.ts';
import { ContainerEngine } from '../../engine/engine.ts';
import { findEngine, noEngine, type EngineSearch, type FoundEngine } from '../../engine/find-engine.ts';
import type { StoredImage } from './image-archives.ts';
import { auditPolicyFile, kindName, type KindPlan } from './kind-plan.ts';
import { containersOf } from './containers.ts';
import { ensureNodeImage } from './node-image.ts';
import { kindSettings } from './settings.ts';
import { kindDescriptor, NERDCTL_CANNOT_REPLACE } from './descriptor.ts';

const PROGRAMS = ['kind'] as const;
const WITHOUT_ENGINE =
  'kind makes its nodes as containers; without an engine use --provider embedded (as root on Linux) or existing';

const SUPERVISOR: SupervisorProgram = {
  path: join(import.meta.dirname, sourceFile('supervisor')),
  namespaces: 'host',
};

/** Kubernetes whose nodes are containers of an engine on this machine, made by the kind command; for any user of that engine. */
export function kindProvider(env: NodeJS.ProcessEnv): ClusterProvider {
  const descriptor = kindDescriptor(env);
  return {
    name: descriptor.provider,
    programs: PROGRAMS,
    settings: ['FIREDRILL_NODE_IMAGE', 'FIREDRILL_KUBERNETES'],

    async applies() {
      const reasons =
        process.platform === 'linux' ? [] : [`its supervisor needs Linux, and this is ${process.platform}`];
      const found = await searchEngine(env);
      if (found.engine === undefined) return { yes: false, reasons: [...reasons, ...found.reasons] };
      return reasons.length === 0 ? { yes: true } : { yes: false, reasons };
    },

    async provision(spec, onProgress, signal) {
      await reapClusters({ [descriptor.provider]: descriptor.sweep }, clustersRoot(env));
      rootFor(spec.name, env);
      const { nodeImage, ...settings } = kindSettings(env);
      const found = await findEngine(settings, env);
      if (found.engine === undefined) throw noEngine(found.reasons, WITHOUT_ENGINE);
      const { engine } = found;
      const command = new ContainerEngine(engine.name, env);
      await requireFreeName(spec.name, command);
      if (nodeImage !== undefined) await provideNodeImage(nodeImage, command, onProgress, signal);
      const plan = await prepare(spec, engine, nodeImage, env, onProgress, signal);
      return await provisionSupervised({ spec, plan, program: SUPERVISOR, descriptor }, onProgress, signal);
    },

    ...supervisedClusters(descriptor),
  };
}

/** A setting that is wrong is one more reason. */
async function searchEngine(env: NodeJS.ProcessEnv): Promise<EngineSearch> {
  try {
    return await findEngine(kindSettings(env), env);
  } catch (error) {
    return { reasons: [messageOf(error)] };
  }
}

/**
 * A kind cluster of this name that we know nothing of is somebody else's, and is never touched.
 * @throws FiredrillError `cluster.name-in-use`
 */
async function requireFreeName(name: string, engine: ContainerEngine): Promise<void> {
  const containers = await containersOf(engine, kindName(name));
  if (containers.length === 0) return;
  throw new FiredrillError(
    'cluster.name-in-use',
    `a kind cluster named ${kindName(name)} exists already (${containers.join(', ')})`,
    {
      hint: `attach to it with --cluster ${name}, end it with: firedrill down --name ${name}, or choose another --name; one that firedrill status does not list goes with: kind delete cluster --name ${kindName(name)}`,
    },
  );
}

/** @throws FiredrillError `kind.image-missing` */
async function provideNodeImage(
  reference: string,
  engine: ContainerEngine,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = performance.now();
  const pulled = await ensureNodeImage(engine, reference, {
    signal,
    onProgress: (detail, elapsedMs) => onProgress({ step: 'image', state: 'progress', detail, elapsedMs }),
  });
  if (!pulled) return;
  const elapsedMs = performance.now() - startedMs;
  onProgress({ step: 'image', state: 'end', detail: `${reference} pulled`, elapsedMs });
}

/** The kind program and the images; nothing of the cluster exists yet. */
async function prepare(
  spec: ClusterSpec,
  engine: FoundEngine,
  nodeImage: string | undefined,
  env: NodeJS.ProcessEnv,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<KindPlan> {
  // Of the whole step: a program that is built has a clock of its own.
  const startedMs = performance.now();
  onProgress({ step: 'tools', state: 'begin', detail: 'looking for kind' });
  const { kind } = await openToolchain(env).ensure(PROGRAMS, {
    signal,
    onProgress: (progress) =>
      onProgress({
        step: 'tools',
        state: 'progress',
        detail: activityOf(progress),
        elapsedMs: performance.now() - startedMs,
      }),
  });
  const paths = clusterPaths(spec.name, clustersRoot(env));
  const { images = [], infraImages = [], ...plainSpec } = spec;
  const build = async (definitions: readonly ImageDefinition[]): Promise<readonly StoredImage[]> => {
    const built =
      definitions.length === 0 ? [] : await buildImages(definitions, imageCacheDirectory(env), { signal });
    return built.map(({ reference, archive }) => ({ reference, archive }));
  };
  const plan: KindPlan = {
    spec: plainSpec,
    engine,
    kindPath: kind.path,
    configuration: clusterConfiguration(spec, nodeImage, auditPolicyFile(paths)),
    images: await build(images),
    infraImages: await build(infraImages),
    software: [provenanceOf(kind)],
    ...(engine.name === 'nerdctl' ? { cannotReplace: NERDCTL_CANNOT_REPLACE } : {}),
    seed: randomInt(2 ** 32),
  };
  onProgress({
    step: 'tools',
    state: 'end',
    detail: `kind ${kind.version}, ${engine.name} ${engine.version}`,
    elapsedMs: performance.now() - startedMs,
  });
  return plan;
}
