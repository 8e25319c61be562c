import type { KubeClient } from '../../infra/kube/client.ts';
import { goneIsDone, isKubeError, type KubeError } from '../../infra/kube/errors.ts';
import { NAMES_THE_UID, type AccountLimit } from '../runtime/limit.ts';
import { permissions } from '../runtime/permission.ts';
import { cachedCall, call, complete } from './call.ts';
import type { PodObject } from './objects.ts';
import { allowsNamespace, allowsNode } from './own-account.ts';

export const POD_PERMISSIONS = [
  ...permissions(
    { scope: 'cluster', group: '', resource: 'pods' },
    {
      list: 'pods of a node under treatment',
      get: 'evict exactly one incarnation',
      delete: 'evacuate a fenced node',
    },
  ),
  ...permissions(
    { scope: 'cluster', group: '', resource: 'pods/eviction' },
    { create: 'drain within disruption budgets' },
  ),
  ...permissions(
    { scope: 'own', group: '', resource: 'pods' },
    { list: 'find the other healer and the witnesses' },
  ),
];

export const POD_LIMITS: readonly AccountLimit[] = [
  {
    resource: 'pods',
    operation: 'DELETE',
    allowed: NAMES_THE_UID,
    message: 'the healer deletes a pod only by its UID',
  },
];

/** How often it evicts, and which pods of a namespace, CEL cannot see: it knows one request at a time. */
export const TREATMENT_LIMITS: readonly AccountLimit[] = [
  {
    resource: 'pods',
    operation: 'DELETE',
    allowed: allowsNode('oldObject.spec.?nodeName.orValue("")'),
    message: 'the healer deletes pods only on nodes that its account names as under treatment',
  },
  {
    resource: 'pods/eviction',
    operation: 'CREATE',
    allowed: allowsNamespace('request.namespace'),
    message: 'the healer evicts only in namespaces that its account names',
  },
];

/** Names one incarnation of a pod. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export type EvictionAnswer =
  { readonly answer: 'evicted' | 'gone' } | { readonly answer: 'refused'; readonly message: string };

export interface PodCalls {
  listPodsOnNode(name: string, signal: AbortSignal): Promise<readonly PodObject[]>;
  /** The pods of a namespace with these labels, as the server's cache has them: good for counting, not for acting. */
  listPodsIn(namespace: string, labelSelector: string, signal: AbortSignal): Promise<readonly PodObject[]>;
  /** Deletes exactly this incarnation; a pod that is gone already counts as deleted. */
  deletePod(pod: PodIdentity, graceSeconds: number, signal: AbortSignal): Promise<void>;
  /** Asks for an eviction; `refused` carries the words of the disruption budget. */
  evictPod(pod: PodIdentity, signal: AbortSignal): Promise<EvictionAnswer>;
}

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

export function podCalls(kube: KubeClient): PodCalls {
  return {
    listPodsOnNode: async (name, signal) => {
      const { items } = await kube.list({ ...POD, fieldSelector: `spec.nodeName=${name}` }, call(signal));
      return items.map(complete);
    },
    listPodsIn: async (namespace, labelSelector, signal) => {
      const { items } = await kube.list({ ...POD, namespace, labelSelector }, cachedCall(signal));
      return items.map(complete);
    },
    deletePod: async (pod, gracePeriodSeconds, signal) => {
      const preconditions = { uid: pod.uid };
      try {
        await goneIsDone(kube.deletePod(pod, { ...call(signal), gracePeriodSeconds, preconditions }));
      } catch (error) {
        // Another pod has the name now: the one that was meant is gone.
        if (isKubeError(error) && error.status === 409) return;
        throw error;
      }
    },
    evictPod: async (pod, signal) => {
      try {
        await kube.evict(pod, { ...call(signal), uid: pod.uid });
        return { answer: 'evicted' };
      } catch (error) {
        if (!isKubeError(error)) throw error;
        if (error.status === 404 || error.status === 409) return { answer: 'gone' };
        // A server that has no time says 429, too, and after which time to ask again.
        if (error.status === 429 && (isBudgets(error) || error.retryAfterMs === undefined))
          return { answer: 'refused', message: error.message };
        throw error;
      }
    },
  };
}

function isBudgets({ details }: KubeError): boolean {
  return details?.causes?.some(({ reason }) => reason === 'DisruptionBudget') === true;
}

/** The healer's own pods and its witnesses, as the server's cache has them. */
export async function listHealerPods(
  kube: KubeClient,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly PodObject[]> {
  const labelSelector = 'app.kubernetes.io/name in (firedrill-healer,firedrill-healer-witness)';
  const { items } = await kube.list({ ...POD, namespace, labelSelector }, cachedCall(signal));
  return items.map(complete);
}
