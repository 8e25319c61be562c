import { given } from '../../harness/core/given.ts';
import { forLease } from './lease-policy.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import type { KubeletView, NodeFacts, ZoneView } from './facts.ts';

/** One that answers is enough; more than one is asked since it may be about to fall silent, too. */
export const ASKED_AT_ONCE = 3;

/** What the other nodes of a silent node's zone say. */
export function viewZone(
  about: NodeFacts,
  others: readonly NodeFacts[],
  policy: NodePolicy,
): ZoneView | undefined {
  const ours = others.filter(isOurs);
  const loss = others.find(({ remediation }) => remediation?.zoneLoss !== undefined)?.remediation?.zoneLoss;
  const isPartOfLoss = loss !== undefined && isOff(about.machine, policy);
  if (ours.length === 0 && !isPartOfLoss) return undefined;
  const answering = others.filter(({ kubelet }) => hasAnsweredSince(kubelet, about));
  const unasked = others.filter((each) => each.kubelet.failuresInRow === 0 && !answering.includes(each));
  return {
    heard: others.some(({ kubelet }) => isWitness(kubelet, about, policy)),
    unasked: unasked.slice(0, ASKED_AT_ONCE).map(({ name }) => name),
    off: answering.length === 0 && ours.every((each) => isOff(each.machine, policy)),
    ...given({ loss }),
  };
}

/** Whether a kubelet shows that the zone of a silent node is connected: it answers since, and has done so for long enough. */
export function isWitness(kubelet: KubeletView, about: NodeFacts, policy: NodePolicy): boolean {
  return hasAnsweredSince(kubelet, about) && (kubelet.answeringForMs ?? 0) > policy.leaseOverdueMs;
}

/** Whether a kubelet that misses no question has answered since another fell silent. */
export function hasAnsweredSince(kubelet: KubeletView, { kubelet: { silentForMs = 0 } }: NodeFacts): boolean {
  return kubelet.failuresInRow === 0 && (kubelet.answeredAgoMs ?? Infinity) < silentForMs;
}

/** Whether a node is lost together with all of its zone. */
export function isLostWithZone({ machine, zoneView, remediation }: NodeFacts, policy: NodePolicy): boolean {
  if (remediation?.zoneLoss !== undefined) return true;
  return isOff(machine, policy) && (zoneView?.off === true || zoneView?.loss !== undefined);
}

/**
 * Why nothing may be done to a zone of whose nodes none answers: they are lost together, and of some the machine is not off.
 * Undefined where node by node may be treated, or the zone as a whole.
 */
export function doubtOfZone(silent: readonly NodeFacts[], policy: NodePolicy): string | undefined {
  const ours = silent.filter(isOurs);
  const running = ours.filter(({ machine }) => !isOff(machine, policy));
  const isOverdue = running.every(
    ({ leaseAgeMs = Infinity, leaseDurationMs }) =>
      leaseAgeMs > forLease(policy, leaseDurationMs).leaseOverdueMs,
  );
  if (ours.length < 2 || running.length === 0 || !isOverdue) return undefined;
  const words = running.map(({ name, machine }) => `${name} ${machine?.state ?? 'unknown'}`);
  return `none of its ${ours.length} nodes answers, and not all of their machines are off: ${words.join(', ')}`;
}

/** Neither marked by others, nor proved to be off already. */
export function isOurs({ foreignMarker, remediation }: NodeFacts): boolean {
  return (
    foreignMarker === undefined && remediation?.phase !== 'replacing' && remediation?.phase !== 'replaced'
  );
}

function isOff(machine: NodeFacts['machine'], policy: NodePolicy): boolean {
  return machine?.state === 'off' && machine.ageMs <= policy.machineFreshMs;
}
