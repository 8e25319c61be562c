import type { ClusterSpec } from '../../cluster.ts';

/** kind writes these on every container of a cluster, and finds them by them. */
export const CLUSTER_LABEL = 'io.x-k8s.kind.cluster';
export const ROLE_LABEL = 'io.x-k8s.kind.role';

/** Keeps our clusters apart from those that a user has made with kind. Short: a host name has 63 characters at most. */
const PREFIX = 'fd-';

/** What a cluster of ours is called by kind and by its engine. */
export function kindName(cluster: string): string {
  return `${PREFIX}${cluster}`;
}

export interface PlannedNode {
  /** Name of the container, which is that of the host and of the node, too. */
  readonly name: string;
  readonly zone: string;
  readonly role: 'control-plane' | 'worker' | 'infra';
}

/** The nodes of a cluster in the order in which kind names them. */
export function plannedNodes({ name, workers, zones, infraNodes }: ClusterSpec): readonly PlannedNode[] {
  const zone = (index: number): string => `zone-${(index % zones) + 1}`;
  const roles = [
    ...Array.from({ length: workers }, (_, index) => ({ zone: zone(index), role: 'worker' as const })),
    ...Array.from({ length: infraNodes }, (_, index) => ({ zone: zone(index), role: 'infra' as const })),
  ];
  return [
    { name: `${kindName(name)}-control-plane`, zone: zone(0), role: 'control-plane' },
    // To kind the infra nodes are workers like all others.
    ...roles.map((node, index) => ({ name: workerName(name, index + 1), ...node })),
  ];
}

/** kind numbers its workers from the second on. */
export function workerName(cluster: string, ordinal: number): string {
  return `${kindName(cluster)}-worker${ordinal === 1 ? '' : ordinal}`;
}
