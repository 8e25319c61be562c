import { rowOf } from '../../core/faults/catalogue.ts';
import type { Fault, PodTarget } from '../../core/faults/fault.ts';
import type { GuardRule } from '../../core/faults/guard-rules.ts';
import { matchesSelector, parseSelector } from '../../core/selectors.ts';
import { COMMANDS } from '../../core/installation.ts';
import { allowsNamespace, EVERYTHING } from '../../core/owner/permission.ts';
import { policyRefusals } from './policy-guards.ts';
import type { Resolution } from '../targets/resolve.ts';
import type { ClusterSnapshot, SnapshotNode, SnapshotPod } from '../targets/cluster-snapshot.ts';

/** Why an injection must not happen, and how to allow it if it is meant. */
export interface Refusal {
  readonly rule: GuardRule;
  readonly message: string;
  readonly allow: string;
}

/** No scenario can ask for these: with zero targets there is nothing to show, and a cluster's owner opts in, not a file. */
const NEVER_ALLOWED: readonly GuardRule[] = [
  'zero-targets',
  'unmarked-cluster',
  'outside-allowed',
  'freeze-window',
  'approval',
  'stop-condition',
];

/** The namespaces of monitoring, probe, load, healer and reaper, and of Kubernetes itself. */
const OWN_NAMESPACES = [
  'monitoring',
  'firedrill-probe',
  'firedrill-system',
  'firedrill-reaper',
  'kube-system',
];

/**
 * Every rule that this injection would break, the allowed ones left out. Empty: it may go ahead.
 *
 * @param trialLeftMs Until the trial's deadline, to which a fault without a duration can last
 */
export function checkGuards(
  fault: Fault,
  resolution: Resolution,
  snapshot: ClusterSnapshot,
  trialLeftMs: number,
): readonly Refusal[] {
  const allowed = allowedRules(fault);
  const broken = [
    zeroTargets(fault, resolution),
    notGranted(snapshot),
    outsideAllowed(resolution, snapshot),
    ...(snapshot.policy === undefined
      ? []
      : policyRefusals(snapshot.policy, fault.durationMs ?? trialLeftMs)),
    ...hitRules(fault, resolution, snapshot),
    ...lossRules(fault, resolution, snapshot),
  ].filter((refusal) => refusal !== undefined);
  return broken.filter((refusal) => NEVER_ALLOWED.includes(refusal.rule) || !allowed.includes(refusal.rule));
}

function allowedRules(fault: Fault): readonly string[] {
  const allow = fault.options?.['allow'];
  return Array.isArray(allow) ? allow.map(String) : [];
}

function refusal(rule: GuardRule, message: string): Refusal {
  return { rule, message, allow: `allow: ['${rule}'] in the options of the fault` };
}

function zeroTargets(fault: Fault, resolution: Resolution): Refusal | undefined {
  if (resolution.targets.length > 0) return undefined;
  return refusal(
    'zero-targets',
    `${fault.kind} would hit nothing: ${resolution.candidates} of the cluster's objects match the selector and the mode takes none of them`,
  );
}

function notGranted(snapshot: ClusterSnapshot): Refusal | undefined {
  if (snapshot.granted) return undefined;
  return {
    rule: 'unmarked-cluster',
    message: `this cluster does not say that it may be broken${snapshot.notGranted === undefined ? '' : `: ${snapshot.notGranted}`}`,
    allow: `its owner says so with: ${COMMANDS.firedrill} adopt --help`,
  };
}

/** What the cluster's owner has not named is left alone, whatever a scenario says. */
function outsideAllowed(resolution: Resolution, snapshot: ClusterSnapshot): Refusal | undefined {
  const { allowed } = snapshot;
  if (allowed === undefined) return undefined;
  const outside = resolution.targets.flatMap(({ kind, namespace = '', name }) => {
    if (kind === 'pod') return allowsNamespace(allowed, namespace) ? [] : [`pod ${namespace}/${name}`];
    const node = snapshot.nodes.find((candidate) => candidate.name === name);
    return allowsNode(allowed.nodes, node) ? [] : [`node ${name}`];
  });
  if (outside.length === 0) return undefined;
  const limits = `namespaces ${allowed.namespaces.join(', ') || 'none'}, nodes ${allowed.nodes ?? 'none'}`;
  return {
    rule: 'outside-allowed',
    message: `${outside.join(', ')}: outside of what the cluster's owner has allowed (${limits})`,
    allow: `its owner allows more with: ${COMMANDS.firedrill} adopt --help`,
  };
}

function allowsNode(selector: string | undefined, node: SnapshotNode | undefined): boolean {
  if (selector === undefined || node === undefined) return false;
  if (selector === EVERYTHING) return node.role !== 'control-plane';
  return matchesSelector(parseSelector(selector), node.labels);
}

/** What is hit only where a scenario names it. */
function hitRules(
  fault: Fault,
  resolution: Resolution,
  snapshot: ClusterSnapshot,
): readonly (Refusal | undefined)[] {
  if (fault.target.kind === 'pod') return [ownPodsRule(fault.target, resolution)];
  const hit = namesOf(resolution);
  const nodes = snapshot.nodes.filter((node) => hit.has(node.name));
  return [
    roleRule('control-plane', 'control-plane', 'of the control plane', nodes),
    fault.target.names !== undefined
      ? undefined
      : roleRule('own-monitoring', 'infra', 'that carries our own monitoring and probe', nodes),
  ];
}

/** Whether enough is left. */
function lossRules(
  fault: Fault,
  resolution: Resolution,
  snapshot: ClusterSnapshot,
): readonly (Refusal | undefined)[] {
  switch (rowOf(fault.kind).harm) {
    case 'node-loss': {
      const lost = namesOf(resolution);
      return [
        shareRule(lost, snapshot),
        zoneRule(lost, snapshot),
        ...lastReplicaRules((pod) => pod.node !== undefined && lost.has(pod.node), snapshot),
      ];
    }
    case 'pod-loss': {
      const lost = new Set(resolution.targets.map((target) => target.uid));
      return lastReplicaRules((pod) => lost.has(pod.uid), snapshot);
    }
  }
}

function namesOf({ targets }: Resolution): ReadonlySet<string> {
  return new Set(targets.map((target) => target.name));
}

/** What a trial sees with, and Kubernetes' own, are hit only where a scenario names their namespace. */
function ownPodsRule({ namespace: named }: PodTarget, resolution: Resolution): Refusal | undefined {
  if (named !== undefined) return undefined;
  const names = resolution.targets.flatMap(({ namespace = '', name }) =>
    OWN_NAMESPACES.includes(namespace) ? [`${namespace}/${name}`] : [],
  );
  if (names.length === 0) return undefined;
  return refusal('own-monitoring', `${names.join(', ')}: our own, or Kubernetes' own`);
}

function roleRule(
  rule: GuardRule,
  role: SnapshotNode['role'],
  what: string,
  nodes: readonly SnapshotNode[],
): Refusal | undefined {
  const names = nodes.filter((node) => node.role === role).map((node) => node.name);
  return names.length === 0 ? undefined : refusal(rule, `${names.join(', ')}: a node ${what}`);
}

/** Nodes that are not Ready already count as lost. */
function shareRule(hit: ReadonlySet<string>, snapshot: ClusterSnapshot): Refusal | undefined {
  const workers = snapshot.nodes.filter((node) => node.role === 'worker');
  const lost = workers.filter((node) => hit.has(node.name) || !node.ready);
  if (lost.length * 2 <= workers.length) return undefined;
  return refusal(
    'half-of-nodes',
    `${lost.length} of ${workers.length} workers would be lost, more than half`,
  );
}

function zoneRule(hit: ReadonlySet<string>, snapshot: ClusterSnapshot): Refusal | undefined {
  const workers = snapshot.nodes.filter((node) => node.role === 'worker');
  const zones = new Set(workers.map((node) => node.zone));
  const left = new Set(workers.filter((node) => node.ready && !hit.has(node.name)).map((node) => node.zone));
  const lost = zones.size - left.size;
  if (zones.size < 2 || lost * 2 <= zones.size) return undefined;
  return refusal('half-of-zones', `${lost} of ${zones.size} zones would be lost, more than half`);
}

/** A controller that has a ready pod now and would have none. */
function lastReplicaRules(
  isHit: (pod: SnapshotPod) => boolean,
  snapshot: ClusterSnapshot,
): readonly Refusal[] {
  const byOwner = new Map<string, SnapshotPod[]>();
  for (const pod of snapshot.pods) {
    if (pod.owner === undefined || pod.owner.startsWith('DaemonSet/') || !pod.ready) continue;
    const key = `${pod.namespace}/${pod.owner}`;
    byOwner.set(key, [...(byOwner.get(key) ?? []), pod]);
  }
  return [...byOwner]
    .filter(([, pods]) => pods.every(isHit))
    .map(([owner, pods]) =>
      refusal(
        'last-ready-replica',
        `${owner} would lose ${pods.length === 1 ? 'its last ready pod' : `all of its ${pods.length} ready pods`}`,
      ),
    );
}
