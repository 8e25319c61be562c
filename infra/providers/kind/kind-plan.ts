import { join } from 'node:path';
import type { ClusterPaths } from '../../supervisor/state-directory.ts';
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
