import type { NodePolicy } from '../policy/node-policy.ts';
import { assess, isWrong } from './assess.ts';
import type { NodeFacts } from './facts.ts';
import { CUT_OFF_RULE } from './remediation.ts';
import { isOurs } from './zone.ts';

/** What one node adds to what is counted of the cluster and of its zone. */
export interface NodeShare {
  readonly name: string;
  readonly uid: string;
  readonly zone: string;
  /** Undefined: there is no lease, or none that tells anything. */
  readonly lease: 'renewed' | 'overdue' | undefined;
  readonly isLeaseUnproven: boolean;
  readonly isForeign: boolean;
  /** It is neither left to others nor does it stand in for ours. */
  readonly isCounted: boolean;
  readonly isUnhealthy: boolean;
  /** What comes next is for a person who has paused it, or for somebody who is to let go of a node that is being deleted. */
  readonly isForOthers: boolean;
  readonly isInFlight: boolean;
  readonly isRecorded: boolean;
  readonly isOurs: boolean;
  readonly isOff: boolean;
  /** Its kubelet missed no question, and so many that it is silent. */
  readonly isCalm: boolean;
  readonly isSilent: boolean;
  /** For how long all of this holds unless something is seen. */
  readonly forMs: number;
}

/** What is known of the lease of a node. */
interface LeaseSighting {
  readonly overdueInMs: number | undefined;
  readonly wasRenewed: boolean;
}

export function shareOf(facts: NodeFacts, lease: LeaseSighting, policy: NodePolicy): NodeShare {
  const { name, uid, zone, remediation, kubelet, machine } = facts;
  const isTreated = remediation !== undefined && remediation.phase !== 'cancelled';
  const { overdueInMs } = lease;
  const isOverdue = overdueInMs !== undefined && overdueInMs < 0;
  return {
    ...{ name, uid, zone },
    lease: overdueInMs === undefined ? undefined : isOverdue ? 'overdue' : 'renewed',
    isLeaseUnproven: overdueInMs !== undefined && !lease.wasRenewed,
    isForeign: isForeign(facts),
    // Somebody else takes care of those that are marked: neither are they ours to heal, nor do they stand in for others.
    isCounted: isTreated || facts.foreignMarker === undefined,
    isUnhealthy: isTreated || isUnhealthy(facts, policy),
    isForOthers: facts.paused !== undefined || facts.deleting,
    // A mere cordon treats nothing.
    isInFlight: isTreated && remediation.rule !== CUT_OFF_RULE,
    isRecorded: remediation !== undefined,
    isOurs: isOurs(facts),
    isOff: machine?.state === 'off',
    isCalm: kubelet.failuresInRow === 0,
    isSilent: kubelet.failuresInRow >= policy.kubeletFailures,
    forMs: Math.min(
      isOverdue ? Infinity : (overdueInMs ?? Infinity),
      healthHoldsForMs(facts, isOverdue, policy),
    ),
  };
}

/** Whether somebody else works on the node at present, or has switched it off. Those that a policy or a role keeps from us may be anybody's. */
function isForeign({ foreignMarker }: Pick<NodeFacts, 'foreignMarker'>): boolean {
  return foreignMarker?.rule.startsWith('foreign-') === true || foreignMarker?.rule === 'opt-out';
}

/** Our own sight decides nothing of a node that answers. */
const SIGHT = { apiAgeMs: 0 };

/** One missed answer is weather; two, or a machine that is off, counts against the cluster's health. */
function isUnhealthy(facts: NodeFacts, policy: NodePolicy): boolean {
  if (facts.kubelet.failuresInRow > 1) return true;
  const { health } = assess(facts, SIGHT, policy);
  return health === 'suspect' ? facts.machine?.state === 'off' : isWrong(health);
}

/** What changes by the mere passing of time, or by an answer that is no event, in the health of a node that answers. */
function healthHoldsForMs(facts: NodeFacts, isOverdue: boolean, policy: NodePolicy): number {
  if (facts.kubelet.failuresInRow > 1) return Infinity;
  if (facts.machine?.state === 'off' || isOverdue || facts.ready === 'Unknown')
    return policy.burstProbeEveryMs;
  if (facts.ready === 'True') return Infinity;
  const waits = [
    policy.notReadyForMs - (facts.notReadyForMs ?? Infinity),
    facts.seenReady ? Infinity : policy.startGraceMs - facts.ageMs,
  ];
  return Math.min(...waits.filter((leftMs) => leftMs > 0));
}
