import { given } from '../../harness/core/given.ts';
import { matchesSelector, parseSelector } from '../../harness/core/selectors.ts';
import { conditionOf, type NodeObject, type PodObject } from '../cluster/objects.ts';
import { PAUSE_ANNOTATION } from '../cluster/pause-watch.ts';
import { siblingsOf } from '../cluster/sibling-pods.ts';
import type { MovingView, NodeFacts, PodFacts } from './facts.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { OUT_OF_SERVICE_TAINT, REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { OPT_OUT_LABEL, parseRemediation } from './remediation.ts';

/** What a cloud sets on every machine that is off, also on one that we have powered off. */
const SHUTDOWN_TAINT = 'node.cloudprovider.kubernetes.io/shutdown';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** What is seen of a node besides its API object. */
const SEEN = [
  'seenReady',
  'kubelet',
  'live',
  'remediationAgeMs',
  'recordedForMs',
  'cordonLifted',
  'notReadyForMs',
  'readyForMs',
  'machine',
  'leaseAgeMs',
  'leaseDurationMs',
  'standby',
  'witnesses',
  'fence',
  'retriesInMs',
  'replacement',
  'moving',
  'pods',
] as const satisfies readonly (keyof NodeFacts)[];
type NodeSightings = Pick<NodeFacts, 'seenReady' | 'kubelet' | 'live'> & {
  readonly [Key in (typeof SEEN)[number]]?: NodeFacts[Key] | undefined;
};

/** Reduces a Node object and what was seen of it to what the plan needs. */
export function nodeFacts(
  node: NodeObject,
  seen: NodeSightings & { readonly wallMs: number },
  policy: NodePolicy,
): NodeFacts {
  const { facts, createdMs } = said(node, policy);
  const all: Record<string, unknown> = { ...facts, ageMs: Math.max(0, seen.wallMs - createdMs) };
  // Each look makes these for each node that counts, so that copies on the way would be most of its work.
  for (const key of SEEN) if (seen[key] !== undefined) all[key] = seen[key];
  return all as unknown as NodeFacts;
}

/** What a Node object says by itself, and when it says that it was made: -Infinity where it does not. */
interface Said {
  readonly facts: Omit<NodeFacts, 'ageMs' | keyof NodeSightings>;
  readonly createdMs: number;
}

/** A later state of a node is another object, so what was read from one need not be read again at the next look. */
const saidByPolicy = new WeakMap<NodePolicy, WeakMap<NodeObject, Said>>();

function said(node: NodeObject, policy: NodePolicy): Said {
  const known = saidByPolicy.get(policy) ?? new WeakMap<NodeObject, Said>();
  saidByPolicy.set(policy, known);
  const before = known.get(node);
  if (before !== undefined) return before;
  const read = { facts: readNode(node, policy), createdMs: createdAt(node.metadata.creationTimestamp) };
  known.set(node, read);
  return read;
}

function readNode(node: NodeObject, policy: NodePolicy): Said['facts'] {
  const { metadata } = node;
  const recorded = parseRemediation(metadata.annotations?.[REMEDIATION_ANNOTATION]);
  const remediation = recorded === 'unreadable' ? undefined : recorded;
  const foreignMarker = foreignMarkerOf(node, policy, recorded === 'unreadable');
  const ready = conditionOf(node, 'Ready');
  const pause = metadata.annotations?.[PAUSE_ANNOTATION];
  return {
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    zone: zoneOf(node),
    pool: metadata.labels?.[policy.poolLabel] ?? '',
    ready: ready === 'True' || ready === 'False' || ready === 'Unknown' ? ready : 'missing',
    unschedulable: node.spec?.unschedulable === true,
    outOfServiceTaint: node.spec?.taints?.some((taint) => taint.key === OUT_OF_SERVICE_TAINT) ?? false,
    deleting: metadata.deletionTimestamp !== undefined,
    ...(pause === undefined
      ? {}
      : { paused: `node ${metadata.name} is paused: ${pause || 'no reason given'}` }),
    ...given({ foreignMarker, remediation }),
  };
}

/** The zone that a node is in; '' where nobody says. */
export function zoneOf({ metadata }: NodeObject): string {
  return metadata.labels?.[ZONE_LABEL] ?? '';
}

/** Somebody else's claim on the node, or the owner's wish that we keep off. */
export function foreignMarkerOf(
  node: NodeObject,
  policy: NodePolicy,
  unreadable = false,
): NodeFacts['foreignMarker'] {
  const { labels = {}, annotations = {} } = node.metadata;
  if (unreadable)
    return {
      rule: 'unreadable-record',
      detail: `the annotation ${REMEDIATION_ANNOTATION} is not ours to read`,
    };
  if (labels[OPT_OUT_LABEL] !== undefined && labels[OPT_OUT_LABEL] !== 'false') {
    return { rule: 'opt-out', detail: `label ${OPT_OUT_LABEL}` };
  }
  const role = CONTROL_PLANE_LABELS.find((label) => labels[label] !== undefined);
  if (role !== undefined) return { rule: 'control-plane', detail: `label ${role}` };
  if (policy.onlyNodes !== '' && !matchesSelector(parseSelector(policy.onlyNodes), labels))
    return { rule: 'outside-allowed', detail: `not among ${policy.onlyNodes}` };
  const taints = Object.fromEntries((node.spec?.taints ?? []).map(({ key, value = '' }) => [key, value]));
  const isTreated = annotations[REMEDIATION_ANNOTATION] !== undefined;
  const foreignTaints = policy.foreignTaints.filter((key) => !(isTreated && key === SHUTDOWN_TAINT));
  return (
    markOf('taint', taints, foreignTaints) ??
    markOf('annotation', annotations, policy.foreignAnnotations) ??
    markOf('label', labels, policy.foreignLabels)
  );
}

function markOf(
  kind: 'taint' | 'annotation' | 'label',
  found: Readonly<Record<string, string | undefined>>,
  marks: readonly string[],
): NodeFacts['foreignMarker'] {
  const mark = marks.find((each) => {
    const [key = '', ...value] = each.split('=');
    return found[key] !== undefined && (value.length === 0 || found[key] === value.join('='));
  });
  return mark === undefined ? undefined : { rule: `foreign-${kind}`, detail: `${kind} ${mark}` };
}

/** The address and port at which a node's kubelet answers. */
export function kubeletAddress(
  node: NodeObject,
): { readonly address: string; readonly port: number } | undefined {
  const addresses = node.status?.addresses ?? [];
  const found =
    addresses.find((each) => each.type === 'InternalIP') ??
    addresses.find((each) => each.type === 'ExternalIP');
  if (found === undefined) return undefined;
  return { address: found.address, port: node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250 };
}

/** Reduces a pod to what moving it needs. */
export function podFacts(
  pod: PodObject,
  ownNamespace: string,
  seen: { readonly failing: boolean; readonly refused?: string | undefined; readonly leavingForMs?: number },
): PodFacts {
  const { metadata } = pod;
  const stays = whyItStays(pod);
  const terminating = metadata.deletionTimestamp !== undefined;
  const owner = metadata.ownerReferences?.find((each) => each.controller === true);
  const graceMs = (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  const graceLeftMs = terminating ? Math.max(0, graceMs - (seen.leavingForMs ?? 0)) : undefined;
  const priority = pod.spec?.priorityClassName ?? '';
  return {
    namespace: metadata.namespace ?? '',
    ...given({ owner: owner?.uid, siblings: siblingsOf(pod) }),
    name: metadata.name,
    uid: metadata.uid,
    forced: terminating && metadata.deletionGracePeriodSeconds === 0,
    terminating,
    critical: priority.startsWith('system-') || metadata.namespace === ownNamespace,
    failing: seen.failing,
    ...given({ stays, refused: seen.refused, graceLeftMs }),
  };
}

/** How the pods of these owners fare, wherever they are. */
export function movingView(
  pods: readonly PodObject[],
  owners: ReadonlySet<string>,
  sinceMs: number,
): MovingView {
  const theirs = pods.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined &&
      metadata.ownerReferences?.some((owner) => owner.controller === true && owners.has(owner.uid)) === true,
  );
  const waiting = theirs.filter(
    (pod) => pod.status?.phase !== 'Succeeded' && conditionOf(pod, 'Ready') !== 'True',
  );
  const stuck = waiting.filter(
    (pod) =>
      pod.status?.conditions?.some(
        ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
      ) === true,
  );
  return { sinceMs, unready: waiting.length, unschedulable: stuck.length };
}

function whyItStays(pod: PodObject): string | undefined {
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return 'mirror';
  if (
    pod.metadata.ownerReferences?.some((owner) => owner.kind === 'DaemonSet' && owner.controller === true) ===
    true
  ) {
    return 'daemonset';
  }
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? 'finished' : undefined;
}

function createdAt(timestamp: string | undefined): number {
  const created = timestamp === undefined ? NaN : Date.parse(timestamp);
  return Number.isNaN(created) ? -Infinity : created;
}
