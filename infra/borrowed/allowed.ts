import { allowsNamespace, EVERYTHING, type AllowedTargets } from '../../harness/core/owner/permission.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Node } from '../kube/objects.ts';
import { matchesSelector, parseSelector } from '../../harness/core/selectors.ts';
import { roleOf } from './nodes.ts';

/** What limits mean on a cluster as it is now. */
export interface AllowedNow {
  readonly namespaces: readonly string[];
  readonly nodes: readonly string[];
  /** Named, and not there yet: of a workload that comes with a drill, or mistyped. */
  readonly absent: readonly string[];
  /** How many there are in all. */
  readonly namespaceCount: number;
  readonly nodeCount: number;
}

/** @throws FiredrillError `kube.bad-selector` */
export async function allowedNow(kube: KubeClient, allowed: AllowedTargets): Promise<AllowedNow> {
  const [namespaces, nodes] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Namespace' } as const),
    kube.list({ apiVersion: 'v1', kind: 'Node' } as const),
  ]);
  const names = namespaces.items.map(({ metadata }) => metadata?.name ?? '');
  const isAllowed = nodeFilter(allowed.nodes);
  return {
    namespaces: names.filter((name) => allowsNamespace(allowed, name)),
    nodes: nodes.items.filter(isAllowed).map(({ metadata }) => metadata?.name ?? ''),
    absent: allowed.namespaces.filter((name) => name !== EVERYTHING && !names.includes(name)),
    namespaceCount: names.length,
    nodeCount: nodes.items.length,
  };
}

function nodeFilter(selector: string | undefined): (node: Node) => boolean {
  if (selector === undefined) return () => false;
  if (selector === EVERYTHING) return (node) => roleOf(node) !== 'control-plane';
  const requirements = parseSelector(selector);
  return (node) => matchesSelector(requirements, node.metadata?.labels);
}
