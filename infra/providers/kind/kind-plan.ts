import { join } from 'node:path';
import type { ClusterPaths } from '../../supervisor/cluster-directory.ts';
import type { ClusterSoftware, ClusterSpec } from '../../cluster.ts';
import type { FoundEngine } from '../../engine/find-engine.ts';
import type { StoredImage } from './image-archives.ts';

/** The audit policy of a cluster; the control plane's container is given this file. */
export function auditPolicyFile({ directory }: Pick<ClusterPaths, 'directory'>): string {
  return join(directory, 'audit-policy.yaml');
}

/** All that the supervisor of a kind cluster needs to know, written before it starts: the file spec.json. */
export interface KindPlan {
  readonly spec: ClusterSpec;
  readonly engine: FoundEngine;
  /** Absolute path of the kind program. */
  readonly kindPath: string;
  /** What kind is told. */
  readonly configuration: string;
  /** Images that every worker gets, and those that only infra nodes get, too. */
  readonly images: readonly StoredImage[];
  readonly infraImages: readonly StoredImage[];
  readonly software: readonly ClusterSoftware[];
  /** Why machines cannot be replaced here; absent: they can. */
  readonly cannotReplace?: string;
  /** Seed of the supervisor's own random choices. */
  readonly seed: number;
}

/** kind writes these on every container of a cluster, and finds them by them. */
export const CLUSTER_LABEL = 'io.x-k8s.kind.cluster';

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
