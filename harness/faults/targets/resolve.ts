import { FiredrillError } from '../../core/errors.ts';
import type { NodeTarget, PodTarget, ResolvedTarget, Target, TargetMode } from '../../core/faults/fault.ts';
import type { Rng } from '../../core/seed.ts';
import { matchesSelector, parseSelector } from '../../core/selectors.ts';
import type { Labels, ClusterSnapshot, SnapshotNode, SnapshotPod } from './cluster-snapshot.ts';

/** What a target became at the moment of injection. */
export interface Resolution {
  readonly targets: readonly ResolvedTarget[];
  /** How many objects the selector matched, before the mode chose among them. */
  readonly candidates: number;
  /** Whether the node that holds the healer's leader lease is hit. */
  readonly leaderHit: boolean;
  /** Pods that live on, or are, the targets, of those that the selector is about. */
  readonly podsHit: number;
  readonly podsTotal: number;
}

/** Chooses the objects that a fault hits: the same snapshot and the same random numbers give the same targets. */
export function resolveTarget(target: Target, snapshot: ClusterSnapshot, rng: Rng): Resolution {
  return target.kind === 'node' ? resolveNodes(target, snapshot, rng) : resolvePods(target, snapshot, rng);
}

function resolveNodes(target: NodeTarget, snapshot: ClusterSnapshot, rng: Rng): Resolution {
  const { hosting, sparing, labels, names, healerLeader } = target;
  if (hosting === undefined && labels === undefined && names === undefined)
    throw new FiredrillError(
      'target.empty-selector',
      'the node target has no selector and would match every node',
      { hint: 'give `hosting`, `labels` or `names`' },
    );
  const hostedPods = hosting === undefined ? snapshot.pods : podsWith(hosting, 'node.hosting', snapshot);
  const hostNames = new Set(hostedPods.map((pod) => pod.node));
  const spared = new Set(
    sparing === undefined ? [] : podsWith(sparing, 'node.sparing', snapshot).map((pod) => pod.node),
  );
  const hasLabels = labels === undefined ? () => true : labelPredicate(labels, 'node.labels');
  const candidates = snapshot.nodes.filter(
    (node) =>
      (hosting === undefined || hostNames.has(node.name)) &&
      !spared.has(node.name) &&
      hasLabels(node.labels) &&
      (names === undefined || names.includes(node.name)) &&
      (healerLeader === undefined || healerLeader === (node.name === snapshot.healerLeaderNode)),
  );
  const chosen = choose(candidates, target.mode, (node) => node.zone, rng);
  const chosenNames = new Set(chosen.map((node) => node.name));
  return {
    targets: chosen.map(resolvedNode),
    candidates: candidates.length,
    leaderHit: snapshot.healerLeaderNode !== undefined && chosenNames.has(snapshot.healerLeaderNode),
    podsHit: hostedPods.filter((pod) => pod.node !== undefined && chosenNames.has(pod.node)).length,
    podsTotal: hostedPods.length,
  };
}

function resolvePods(target: PodTarget, snapshot: ClusterSnapshot, rng: Rng): Resolution {
  const candidates = podsWith(target.labels, 'pod.labels', snapshot).filter(
    (pod) => target.namespace === undefined || pod.namespace === target.namespace,
  );
  const chosen = choose(candidates, target.mode, (pod) => pod.node ?? '', rng);
  return {
    targets: chosen.map(resolvedPod),
    candidates: candidates.length,
    leaderHit: false,
    podsHit: chosen.length,
    podsTotal: candidates.length,
  };
}

function podsWith(selector: string, where: string, snapshot: ClusterSnapshot): readonly SnapshotPod[] {
  const matches = labelPredicate(selector, where);
  return snapshot.pods.filter((pod) => matches(pod.labels));
}

/** A label selector as a predicate; one without a requirement would hit everything and is refused. */
function labelPredicate(selector: string, where: string): (labels: Labels) => boolean {
  const requirements = parseSelector(selector);
  if (requirements.length === 0)
    throw new FiredrillError('target.empty-selector', `${where} is empty and would match everything`, {
      hint: 'name at least one label, e.g. app=storefront',
    });
  return (labels) => matchesSelector(requirements, labels);
}

function resolvedNode(node: SnapshotNode): ResolvedTarget {
  return { kind: 'node', name: node.name, uid: node.uid, zone: node.zone };
}

function resolvedPod(pod: SnapshotPod): ResolvedTarget {
  const base = { kind: 'pod', namespace: pod.namespace, name: pod.name, uid: pod.uid } as const;
  return pod.node === undefined ? base : { ...base, node: pod.node };
}

/** How many of `available` objects a mode asks for. */
function wanted(mode: TargetMode, available: number, rng: Rng): number {
  if (mode === 'all') return available;
  if (mode === 'one') return Math.min(1, available);
  if ('fixed' in mode) return Math.min(mode.fixed, available);
  if ('fixedPercent' in mode) return Math.floor((available * mode.fixedPercent) / 100);
  return rng.below(Math.floor((available * mode.randomMaxPercent) / 100) + 1);
}

/**
 * Draws by the mode, spread over the strata: a second object of one stratum is taken only after every other stratum
 * has given one. Candidates are sorted first, so that the order of the API's answer decides nothing.
 */
function choose<T extends { readonly uid: string; readonly name: string }>(
  candidates: readonly T[],
  mode: TargetMode,
  stratumOf: (candidate: T) => string,
  rng: Rng,
): readonly T[] {
  const count = wanted(mode, candidates.length, rng);
  const shuffled = rng.shuffle(candidates.toSorted((a, b) => compare(a.name, b.name)));
  const strata = Map.groupBy(shuffled, stratumOf);
  const chosen: T[] = [];
  for (let round = 0; chosen.length < count; round++)
    for (const members of strata.values()) {
      const member = members[round];
      if (member !== undefined && chosen.length < count) chosen.push(member);
    }
  return chosen.toSorted((a, b) => compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
