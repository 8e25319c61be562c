import type { CustomResourceDefinition, Deployment, Node, Pod } from './objects.ts';

/** true, or what is still missing. */
export type Answer = true | string;

const ABSENT = 'it does not exist';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The controller has seen the present spec, and every replica is of it and available. */
export function deploymentReady(deployment: Deployment | undefined): Answer {
  if (deployment === undefined) return ABSENT;
  const { metadata, spec, status } = deployment;
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0))
    return 'the controller has not seen it yet';
  const wanted = spec?.replicas ?? 1;
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status ?? {};
  if (updatedReplicas < wanted)
    return `${updatedReplicas} of ${wanted} replicas are up to date${blame(status?.conditions)}`;
  if (replicas > updatedReplicas) return `${replicas - updatedReplicas} old replicas are still there`;
  if (availableReplicas < wanted)
    return `${availableReplicas} of ${wanted} replicas are available${blame(status?.conditions)}`;
  return true;
}

/** Ready and not on its way out. */
export function podReady(pod: Pod | undefined): Answer {
  if (pod === undefined) return ABSENT;
  const { metadata, status } = pod;
  if (metadata?.deletionTimestamp !== undefined) return 'it is being deleted';
  const conditions = status?.conditions ?? [];
  if (isTrue(conditions, 'Ready')) return true;
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { name, state } of containers) {
    const waiting = state?.waiting ?? state?.terminated;
    if (waiting?.reason === undefined || waiting.reason === 'Completed') continue;
    const detail = waiting.message === undefined ? '' : `: ${waiting.message}`;
    return `container ${name} is in ${waiting.reason}${detail}`;
  }
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return `it is not scheduled${because(scheduled)}`;
  return `it is ${status?.phase ?? 'without a status'}${blame(conditions)}`;
}

export function nodeReady(node: Node | undefined): Answer {
  if (node === undefined) return ABSENT;
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined) return 'its kubelet has not reported yet';
  return ready.status === 'True' ? true : `Ready is ${ready.status}${because(ready)}`;
}

/** Ready, and the controller manager has seen it: until then only pods that tolerate a node which is not ready go there. */
export function nodeUsable(node: Node | undefined): Answer {
  const answer = nodeReady(node);
  if (answer !== true) return answer;
  const taint = node?.spec?.taints?.find(({ key }) => key === 'node.kubernetes.io/not-ready');
  return taint === undefined ? true : `it is Ready, but still has the taint ${taint.key}`;
}

/** The API server serves the new kind. */
export function crdEstablished(crd: CustomResourceDefinition | undefined): Answer {
  if (crd === undefined) return ABSENT;
  const conditions = crd.status?.conditions ?? [];
  return isTrue(conditions, 'Established') ? true : `it is not established${blame(conditions)}`;
}

function isTrue(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** The first condition that is False, as the likely reason. */
function blame(conditions: readonly Condition[] = []): string {
  const bad =
    conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True') ??
    conditions.find(({ status, message }) => status === 'False' && message !== undefined && message !== '');
  return bad === undefined ? '' : ` (${bad.type}${because(bad)})`;
}

function because({ reason, message }: Condition): string {
  const text = [reason, message].filter((part) => part !== undefined && part !== '').join(', ');
  return text === '' ? '' : `: ${text}`;
}
