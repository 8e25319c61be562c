import type { NodeRole } from '../../infra/cluster.ts';

export type Labels = Readonly<Record<string, string>>;

/** The ConfigMap with which a cluster's owner says that it may be broken; what we provision has it. */
export const TARGET_MARK = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'kube-system',
  name: 'firedrill-target',
} as const;

/** What target resolution and guards look at: one reading of the cluster, as plain data. */
export interface World {
  readonly nodes: readonly WorldNode[];
  readonly pods: readonly WorldPod[];
  /** Whether the cluster carries the mark that it may be broken. */
  readonly marked: boolean;
  /** The node on which the healer's leader runs; absent where there is no healer or no leader. */
  readonly healerLeaderNode?: string;
}

export interface WorldNode {
  readonly name: string;
  readonly uid: string;
  readonly zone: string;
  readonly role: NodeRole;
  readonly labels: Labels;
  readonly ready: boolean;
}

export interface WorldPod {
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
