import { FiredrillError } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import type { BuiltImage } from '../../images/definition.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Node } from '../../kube/objects.ts';
import type { ImageSource } from './settings.ts';

/** A kubelet looks at its images every 30 s, and tells of them every 10 s. */
const TOLD_WITHIN_MS = patient(45_000);
const LOOK_EVERY_MS = 1_000;
/** A kubelet tells of so many images at most (nodeStatusMaxImages). */
const TOLD_IMAGES_MAX = 50;

/** What an image that we have built is called on the nodes of this cluster. */
export function referenceOn(source: ImageSource | undefined, reference: string): string {
  if (source?.kind !== 'registry') return reference;
  return `${source.prefix}/${reference.slice(reference.indexOf('/') + 1)}`;
}

/**
 * We cannot put images on these nodes, so this only finds out what can be known beforehand.
 * @throws FiredrillError `existing.images-unknown` where nobody has said where they come from, `existing.images-missing`
 */
export async function requireImages(
  kube: KubeClient,
  source: ImageSource | undefined,
  built: readonly BuiltImage[],
  nodeNames?: readonly string[],
  withinMs = TOLD_WITHIN_MS,
): Promise<void> {
  if (source?.kind === 'registry') return;
  if (source === undefined) {
    throw new FiredrillError(
      'existing.images-unknown',
      `we cannot load images into this cluster, and it needs these:\n${listOf(built)}`,
      {
        hint: '--images preloaded once they are on its nodes (ctr --namespace k8s.io images import ARCHIVE), or --images REGISTRY/PATH once they are pushed there',
      },
    );
  }
  const endMonoMs = kube.clock.now().monoMs + withinMs;
  let missing = await missingOnNodes(kube, built, nodeNames);
  while (missing.length > 0 && kube.clock.now().monoMs < endMonoMs) {
    await kube.clock.sleep(LOOK_EVERY_MS);
    missing = await missingOnNodes(kube, built, nodeNames);
  }
  if (missing.length === 0) return;
  throw new FiredrillError('existing.images-missing', `not on the nodes: ${missing.join('; ')}`, {
    hint: `import these on each of them, or push them and use --images REGISTRY/PATH:\n${listOf(built)}`,
  });
}

async function missingOnNodes(
  kube: KubeClient,
  built: readonly BuiltImage[],
  nodeNames: readonly string[] | undefined,
): Promise<readonly string[]> {
  const { items } = await kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
  return items
    .filter(({ metadata }) => nodeNames?.includes(metadata?.name ?? '') ?? true)
    .flatMap((node) => missingOn(node, built));
}

/** Images that a node lacks; a node that does not tell all its images lacks none as far as is known. */
function missingOn(node: Node, built: readonly BuiltImage[]): readonly string[] {
  const images = node.status?.images ?? [];
  if (images.length >= TOLD_IMAGES_MAX || node.spec?.unschedulable === true) return [];
  const there = new Set(images.flatMap(({ names }) => names ?? []));
  const missing = built.map(({ reference }) => reference).filter((reference) => !there.has(reference));
  return missing.length === 0 ? [] : [`${node.metadata?.name ?? ''} lacks ${missing.join(', ')}`];
}

function listOf(built: readonly BuiltImage[]): string {
  return built.map(({ reference, archive }) => `  ${reference} (in ${archive})`).join('\n');
}
