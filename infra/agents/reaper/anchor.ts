import type { Manifest } from '../../kube/objects.ts';
import { HOLD_LEASE } from './hold-record.ts';

/**
 * Owner of everything that a run installs on a cluster of somebody else's: with it Kubernetes' own garbage collector takes all
 * of that away. It is the reaper's role at the same time, so that the reaper may delete this one object and nothing else.
 */
export const ANCHOR = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  name: 'firedrill-run',
} as const;

/** What an object says that goes with the anchor of this UID. */
export function anchoredBy(uid: string) {
  return { ...ANCHOR, uid };
}

export function anchorManifest(): Manifest {
  const { apiVersion, kind, name } = ANCHOR;
  return {
    apiVersion,
    kind,
    metadata: { name },
    rules: [
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['clusterroles'],
        resourceNames: [name],
        verbs: ['get', 'delete'],
      },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: [HOLD_LEASE.name],
        verbs: ['get', 'delete'],
      },
    ],
  };
}
