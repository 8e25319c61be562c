import type { KubeObject } from './objects.ts';

/** Kinds that others need, the most needed first. What is not named here comes after all of them. */
const RANKS: readonly (readonly string[])[] = [
  ['Namespace'],
  ['CustomResourceDefinition'],
  [
    'PriorityClass',
    'RuntimeClass',
    'StorageClass',
    'ResourceQuota',
    'LimitRange',
    'IngressClass',
    'CSIDriver',
  ],
  ['ServiceAccount', 'ClusterRole', 'Role', 'NetworkPolicy', 'ValidatingAdmissionPolicy'],
  [
    'ClusterRoleBinding',
    'RoleBinding',
    'ValidatingAdmissionPolicyBinding',
    'ConfigMap',
    'Secret',
    'PersistentVolume',
    // Pods write it, and would make it anew if it were deleted before them.
    'Lease',
  ],
  ['PersistentVolumeClaim', 'Service', 'PodDisruptionBudget'],
  ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'Pod', 'Job', 'CronJob'],
];
/** Kinds that stand between the API server and every write: they are applied when the pods behind them can run. */
const LAST = new Set(['APIService', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']);

function rankOf({ kind = '' }: KubeObject): number {
  const rank = RANKS.findIndex((kinds) => kinds.includes(kind));
  if (rank !== -1) return rank;
  return LAST.has(kind) ? RANKS.length + 1 : RANKS.length;
}

/** Groups to apply one after another; within a group the order does not matter. Delete them in reverse. */
export function inOrder<T extends KubeObject>(objects: readonly T[]): T[][] {
  return [...Map.groupBy(objects, rankOf)].sort(([a], [b]) => a - b).map(([, group]) => group);
}
