import type { NodeRole } from '../../../infra/cluster.ts';
import type { AllowedTargets } from '../../core/owner/permission.ts';
import type { PolicyInForce } from '../../core/owner/permit.ts';

export type Labels = Readonly<Record<string, string>>;

/** What target resolution and guards look at: one reading of the cluster, as plain data. */
export interface ClusterSnapshot {
  readonly nodes: readonly SnapshotNode[];
  readonly pods: readonly SnapshotPod[];
  /** Whether the cluster carries the permission that it may be broken. */
  readonly granted: boolean;
  /** Why it does not. */
  readonly notGranted?: string;
  /** The limits that its owner has set; absent: none. */
  readonly allowed?: AllowedTargets;
  /** What its owner asks of everybody who drills there; absent: nothing. */
  readonly policy?: PolicyInForce;
  /** The node on which the healer's leader runs; absent where there is no healer or no leader. */
  readonly healerLeaderNode?: string;
}

export interface SnapshotNode {
  readonly name: string;
  readonly uid: string;
  readonly zone: string;
  readonly role: NodeRole;
  readonly labels: Labels;
  readonly ready: boolean;
}

export interface SnapshotPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  /** Absent while it is not bound. */
  readonly node?: string;
  readonly ready: boolean;
  /** The controller that wants it, as `Kind/name`; a DaemonSet's pods are never moved and never the last of anything. */
  readonly owner?: string;
}
