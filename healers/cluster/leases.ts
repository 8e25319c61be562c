import type { KubeClient } from '../../infra/kube/client.ts';
import { permissions } from '../runtime/permission.ts';
import { call, completeIfFound } from './call.ts';
import { reduceLease, type LeaseObject } from './objects.ts';

/** Where kubelets keep the leases of their nodes. */
export const NODE_LEASES = 'kube-node-lease';

export const LEASE_PERMISSIONS = permissions(
  { scope: NODE_LEASES, group: 'coordination.k8s.io', resource: 'leases' },
  { get: 'live read before acting' },
);

export interface LeaseCalls {
  readNodeLease(name: string, signal: AbortSignal): Promise<LeaseObject | undefined>;
}

export function leaseCalls(kube: KubeClient): LeaseCalls {
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: NODE_LEASES } as const;
  return {
    readNodeLease: async (name, signal) => {
      const found = completeIfFound(await kube.find({ ...lease, name }, call(signal)));
      return found && reduceLease(found);
    },
  };
}
