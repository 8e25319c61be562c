import type { ClusterNode, NodeRole } from '../cluster.ts';
import type { Node } from '../kube/objects.ts';

/** By the labels that kubeadm and clouds set, and by our own. */
export function roleOf(node: Node): NodeRole {
  const labels = node.metadata?.labels ?? {};
  if ('node-role.kubernetes.io/control-plane' in labels || 'node-role.kubernetes.io/master' in labels) {
    return 'control-plane';
  }
  return labels['firedrill.dev/role'] === 'infra' ? 'infra' : 'worker';
}

/** A node as the API shows it; of the machine behind it nothing is known. */
export function clusterNode(node: Node): ClusterNode {
  const addresses = node.status?.addresses ?? [];
  return {
    name: node.metadata?.name ?? '',
    zone: node.metadata?.labels?.['topology.kubernetes.io/zone'] ?? '',
    role: roleOf(node),
    address: addresses.find(({ type }) => type === 'InternalIP')?.address ?? addresses[0]?.address ?? '',
    power: 'unknown',
    frozen: false,
    cableOut: false,
  };
}
