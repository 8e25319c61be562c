import type { KubeClient } from '../../infra/kube/client.ts';
import { leaseCalls, type LeaseCalls } from './leases.ts';
import { ledgerCalls, type LedgerCalls } from './ledger-object.ts';
import { nodeCalls, type NodeCalls } from './nodes.ts';
import { accountCalls, type AccountCalls } from './own-account.ts';
import { podCalls, type PodCalls } from './pods.ts';

/**
 * What a healer asks of the API server and writes there. Reads go to the server, not to a cache.
 * A write whose precondition no longer holds throws `ConflictError`: the world moved on, so plan again.
 */
export interface ClusterApi extends NodeCalls, LeaseCalls, PodCalls, LedgerCalls, AccountCalls {}

/** What changes nothing. */
export const CLUSTER_READS = [
  'readNode',
  'readNodeLease',
  'readLedger',
  'readAllowed',
  'listPodsOnNode',
  'listPodsIn',
] as const;

export function clusterApi(kube: KubeClient, ownNamespace: string): ClusterApi {
  return {
    ...nodeCalls(kube),
    ...leaseCalls(kube),
    ...podCalls(kube),
    ...ledgerCalls(kube, ownNamespace),
    ...accountCalls(kube, ownNamespace),
  };
}
