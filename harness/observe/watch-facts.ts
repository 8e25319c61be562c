import { given } from '../core/given.ts';
import type { Deployment, EndpointSlice, Node, Pod } from '../../infra/kube/objects.ts';

/** What checks and reports use of an object, and nothing else: a change of anything else is no event. */
export type Facts = Readonly<Record<string, unknown>>;

export function nodeFacts(node: Node): Facts {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  return given({
    ready: ready?.status ?? 'Unknown',
    reason: ready?.reason,
    zone: node.metadata?.labels?.['topology.kubernetes.io/zone'],
    role: node.metadata?.labels?.['firedrill.dev/role'],
    unschedulable: node.spec?.unschedulable === true,
    taints: (node.spec?.taints ?? []).map((taint) => `${taint.key}:${taint.effect}`).sort(),
    deleting: node.metadata?.deletionTimestamp !== undefined,
  });
}

export function podFacts(pod: Pod): Facts {
  const statuses = pod.status?.containerStatuses ?? [];
  const waiting = statuses.find((status) => status.state?.waiting !== undefined)?.state?.waiting?.reason;
  return given({
    phase: pod.status?.phase ?? 'Unknown',
    ready: isReady(pod),
    node: pod.spec?.nodeName,
    ip: pod.status?.podIP,
    app: pod.metadata?.labels?.['app'] ?? pod.metadata?.labels?.['app.kubernetes.io/name'],
    owner: pod.metadata?.ownerReferences?.[0]?.name,
    waiting,
    reason: pod.status?.reason,
    started: statuses.length > 0 && statuses.every((status) => status.started === true),
    restarts: statuses.reduce((sum, status) => sum + status.restartCount, 0),
    deleting: pod.metadata?.deletionTimestamp !== undefined,
  });
}

/** Counts for capacity: Ready, and not on its way out. */
export function isReady(pod: Pod): boolean {
  if (pod.metadata?.deletionTimestamp !== undefined) return false;
  return (
    pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ===
    true
  );
}

export function deploymentFacts(deployment: Deployment): Facts {
  return {
    wanted: deployment.spec?.replicas ?? 1,
    ready: deployment.status?.readyReplicas ?? 0,
    available: deployment.status?.availableReplicas ?? 0,
    updated: deployment.status?.updatedReplicas ?? 0,
  };
}

export function endpointSliceFacts(slice: EndpointSlice): Facts {
  const endpoints = slice.endpoints ?? [];
  // The API defines an absent condition as true.
  const serving = endpoints.filter((endpoint) => endpoint.conditions?.ready !== false);
  return given({
    service: slice.metadata?.labels?.['kubernetes.io/service-name'],
    ready: serving.length,
    total: endpoints.length,
    addresses: serving.flatMap((endpoint) => endpoint.addresses).sort(),
    nodes: [...new Set(serving.map((endpoint) => endpoint.nodeName ?? ''))].sort(),
  });
}
