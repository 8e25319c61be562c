import { given } from '../../harness/core/given.ts';
import type { SelfFacts } from '../safety/guards.ts';
import type { NodeFacts } from './facts.ts';
import { forLease } from './lease-policy.ts';
import type { NodePolicy } from '../policy/node-policy.ts';

/** `recovering`: Ready again, for a moment so far. `unwitnessed`: silent and not Ready, and neither a machine that is off nor a lease says more. */
export type Health =
  | 'unasked'
  | 'healthy'
  | 'recovering'
  | 'starting'
  | 'suspect'
  | 'silent'
  | 'not-ready'
  | 'cut-off'
  | 'unwitnessed';

/** Whether something has to be done about a node, by us or by a person. */
export function isWrong(health: Health): boolean {
  return ['silent', 'not-ready', 'cut-off', 'unwitnessed'].includes(health);
}

/** What the evidence about one node amounts to. */
export interface Assessment {
  readonly health: Health;
  readonly because: string;
  /** How often its kubelet is to be asked. */
  readonly probeEveryMs: number;
  /** Milliseconds until the evidence may change by the mere passing of time; absent: only by an event. */
  readonly nextMs?: number;
  /** The other healer's view would decide. */
  readonly askStandby: boolean;
  /** The witnesses are to look at it; what they see in seconds would decide. */
  readonly askWitnesses: boolean;
}

type Judgement = Omit<Assessment, 'askWitnesses'>;

/** How late a renewal of a lease may be heard of. */
const LEASE_NEWS_MS = 1000;

/**
 * A node is silent when its kubelet gave no HTTP answer several times in a row and others agree: the machine interface says `off`;
 * or witnesses on other nodes got no answer either, from the kubelet and a second port, for longer than a machine may be paused; or, for
 * as long, nobody heard it, its lease is overdue, and another healer does not reach the kubelet.
 */
export function assess(node: NodeFacts, self: Pick<SelfFacts, 'apiAgeMs'>, general: NodePolicy): Assessment {
  const policy = forLease(general, node.leaseDurationMs);
  return { ...judge(node, self, policy), askWitnesses: isWorthWitnesses(node, policy) };
}

/** From the first question on that takes too long: what witnesses have not seen from its beginning they cannot tell of. */
function isWorthWitnesses(node: NodeFacts, policy: NodePolicy): boolean {
  const { failuresInRow, waitingForMs, answeredAgoMs, silentForMs = 0 } = node.kubelet;
  const isQuiet = failuresInRow > 0 || waitingForMs !== undefined;
  // One that was never heard, or not for long while its lease was renewed, is unreachable for us only.
  const isKnown = answeredAgoMs !== undefined && silentForMs <= policy.leaseLostMs;
  return isQuiet && isKnown && !isMachineOff(node, policy) && node.foreignMarker === undefined;
}

function isMachineOff({ machine }: NodeFacts, policy: NodePolicy): boolean {
  return machine?.state === 'off' && machine.ageMs <= policy.machineFreshMs;
}

/** Whether enough witnesses have looked at the node for all of this silence, and nothing else says that it lives. */
function isWitnessed({ witnesses, kubelet, leaseAgeMs = Infinity }: NodeFacts, policy: NodePolicy): boolean {
  const { silentForMs = 0 } = kubelet;
  return (
    witnesses?.alive === false &&
    witnesses.silent >= witnesses.needed &&
    witnesses.elsewhere &&
    witnesses.ageMs <= policy.standbyFreshMs &&
    witnesses.askedAgoMs <= silentForMs &&
    silentForMs >= policy.silenceMs &&
    // A renewal that is heard of this late was made before.
    leaseAgeMs > silentForMs - LEASE_NEWS_MS
  );
}

function judge(node: NodeFacts, self: Pick<SelfFacts, 'apiAgeMs'>, policy: NodePolicy): Judgement {
  const { kubelet, machine } = node;
  const machineOff = isMachineOff(node, policy);
  const leaseOverdue = node.leaseAgeMs !== undefined && node.leaseAgeMs > policy.leaseOverdueMs;
  const untilOverdueMs =
    node.leaseAgeMs === undefined || leaseOverdue ? undefined : policy.leaseOverdueMs - node.leaseAgeMs + 1;
  // A machine's own word replaces the waiting, not the witnesses: as many answers are missed, only closer together.
  const probeEveryMs = machineOff ? policy.burstProbeEveryMs : policy.suspectProbeEveryMs;

  if (kubelet.failuresInRow >= policy.kubeletFailures) {
    if (self.apiAgeMs > policy.apiFreshMs) {
      return suspect('the kubelet is silent, but our own API access is doubtful', { probeEveryMs });
    }
    if (machineOff) return silent('machine is off, kubelet silent', probeEveryMs);
    if (isWitnessed(node, policy)) return silentByWitnesses(node, policy, probeEveryMs);
    if (node.leaseAgeMs === undefined && node.ready !== 'True')
      return withoutLease(node, policy, probeEveryMs);
    if (!leaseOverdue) {
      // A kubelet that never answers while its lease is renewed is unreachable for us only.
      const calm = (kubelet.silentForMs ?? 0) > policy.leaseLostMs;
      return suspect('the kubelet is silent, its lease is not overdue', {
        probeEveryMs: calm ? policy.calmProbeEveryMs : probeEveryMs,
        nextMs: untilOverdueMs,
        // The other healer is asked early, so that its answer is there when the lease becomes overdue.
        askStandby: (node.leaseAgeMs ?? 0) > policy.leaseOverdueMs - policy.standbyFreshMs,
      });
    }
    return silentByLease(node, policy, probeEveryMs);
  }
  if (kubelet.failuresInRow > 0) {
    return suspect(`the kubelet missed ${kubelet.failuresInRow} of ${policy.kubeletFailures}`, {
      probeEveryMs,
    });
  }
  if (kubelet.answeredAgoMs === undefined) {
    return { health: 'unasked', because: 'the kubelet was not asked yet', probeEveryMs, askStandby: false };
  }
  if (machineOff) {
    const answeredSince = kubelet.answeredAgoMs < (machine?.ageMs ?? 0);
    return suspect(
      answeredSince
        ? 'the machine is said to be off, yet its kubelet answers'
        : 'the machine is said to be off',
      { probeEveryMs: answeredSince ? policy.suspectProbeEveryMs : probeEveryMs },
    );
  }
  return answering(node, policy, { leaseOverdue, untilOverdueMs });
}

/** A lease may be missing, or odd, by anybody's hand: nothing is concluded from that, and people are told. */
function withoutLease(node: NodeFacts, policy: NodePolicy, probeEveryMs: number): Judgement {
  const because = `the kubelet is silent, Ready is ${node.ready}, and no lease tells when it was last there`;
  const leftMs = policy.leaseLostMs - (node.kubelet.silentForMs ?? 0);
  if (leftMs > 0) return suspect(because, { probeEveryMs, nextMs: leftMs });
  const calm = { because, probeEveryMs: policy.calmProbeEveryMs, askStandby: false };
  return isStarting(node, policy) ? suspect(because, calm) : { health: 'unwitnessed', ...calm };
}

function isStarting({ seenReady, ageMs }: NodeFacts, { startGraceMs }: NodePolicy): boolean {
  return !seenReady && ageMs < startGraceMs;
}

function silentByWitnesses(node: NodeFacts, policy: NodePolicy, probeEveryMs: number): Judgement {
  const seconds = ((node.kubelet.silentForMs ?? 0) / 1000).toFixed(1);
  return (
    zoneInDoubt(node, policy, probeEveryMs) ??
    silent(`nothing on it answered ${node.witnesses?.silent} witnesses for ${seconds} s`, probeEveryMs)
  );
}

function zoneInDoubt(node: NodeFacts, policy: NodePolicy, probeEveryMs: number): Judgement | undefined {
  if (node.zoneView?.heard !== false) return undefined;
  return suspect('the kubelet is silent, and no other of its zone is heard: the zone may be cut off', {
    probeEveryMs,
    askStandby: true,
    nextMs: policy.burstProbeEveryMs,
  });
}

function silentByLease(node: NodeFacts, policy: NodePolicy, probeEveryMs: number): Judgement {
  const leaseAgeMs = node.leaseAgeMs ?? 0;
  const fresh = node.standby !== undefined && node.standby.ageMs <= policy.standbyFreshMs;
  const lease = `lease ${(leaseAgeMs / 1000).toFixed(1)} s old`;
  const ask = { probeEveryMs, askStandby: true };
  const doubt = zoneInDoubt(node, policy, probeEveryMs);
  if (doubt !== undefined) return doubt;
  const pausedMs = policy.silenceMs - (node.kubelet.silentForMs ?? 0);
  if (pausedMs > 0) {
    const because = 'the kubelet is silent and its lease overdue, for no longer than a pause may last';
    return suspect(because, { ...ask, nextMs: pausedMs });
  }
  switch (fresh ? node.standby.says : undefined) {
    case undefined:
      // The other healer's answer, or the lack of one, comes as an event; until then nothing is concluded from silence.
      return suspect('the kubelet is silent and its lease overdue, another healer is asked', ask);
    case 'alive':
      return suspect('the kubelet is silent for us, but another healer hears it', {
        ...ask,
        nextMs: policy.standbyFreshMs,
      });
    case 'silent':
      return silent(`kubelet silent, also for the other healer, ${lease}`, probeEveryMs);
    case 'unknown':
      return silentAlone(node, policy.leaseOverdueUnansweredMs, 'the other healer does not answer');
    case 'nobody':
      return silentAlone(node, policy.leaseOverdueAloneMs, 'no other healer to ask');
  }

  function silentAlone({ kubelet }: NodeFacts, enoughMs: number, other: string): Judgement {
    if (leaseAgeMs <= enoughMs) {
      const nextMs = enoughMs - leaseAgeMs + 1;
      return suspect(`the kubelet is silent and its lease overdue, ${other}`, { ...ask, nextMs });
    }
    // Alone, we need a control: where nobody answers any more, the silence may be our own.
    if (kubelet.othersHeardSince !== true) {
      return suspect('the kubelet is silent, and no other has answered since: our own network is doubtful', {
        ...ask,
        nextMs: policy.suspectProbeEveryMs,
      });
    }
    return silent(`kubelet silent, ${other}, ${lease}`, probeEveryMs);
  }
}

function answering(
  node: NodeFacts,
  policy: NodePolicy,
  lease: { readonly leaseOverdue: boolean; readonly untilOverdueMs: number | undefined },
): Judgement {
  const calm = {
    probeEveryMs: policy.calmProbeEveryMs,
    askStandby: false,
    ...given({ nextMs: lease.untilOverdueMs }),
  };
  if (lease.leaseOverdue || node.ready === 'Unknown') {
    // The last answer may be older than the trouble: only a fresh one makes the difference between cut off and silent.
    if ((node.kubelet.answeredAgoMs ?? Infinity) > 2 * policy.suspectProbeEveryMs) {
      return suspect('the lease is overdue, the kubelet is asked', {
        probeEveryMs: policy.suspectProbeEveryMs,
        // An answer is no event: nothing changes by it but its age.
        nextMs: policy.burstProbeEveryMs,
      });
    }
    return {
      health: 'cut-off',
      because: 'the kubelet answers us, but not the API server',
      probeEveryMs: policy.suspectProbeEveryMs,
      askStandby: false,
    };
  }
  if (node.ready === 'True') {
    const because = 'the kubelet answers, Ready is True';
    const dwellMs = policy.readyForMs - (node.readyForMs ?? Infinity);
    if (dwellMs <= 0) return { health: 'healthy', because, ...calm };
    const nextMs = Math.min(dwellMs, lease.untilOverdueMs ?? Infinity);
    return { health: 'recovering', because: `${because} again, for a moment so far`, ...calm, nextMs };
  }
  if (isStarting(node, policy)) {
    return { health: 'starting', because: 'the node is new and was not Ready yet', ...calm };
  }
  const leftMs = policy.notReadyForMs - (node.notReadyForMs ?? Infinity);
  if (leftMs > 0) return suspect(`Ready is ${node.ready}, for a moment so far`, { ...calm, nextMs: leftMs });
  return { health: 'not-ready', because: `the kubelet answers, Ready is ${node.ready}`, ...calm };
}

function suspect(
  because: string,
  more: {
    readonly probeEveryMs: number;
    readonly nextMs?: number | undefined;
    readonly askStandby?: boolean;
  },
): Judgement {
  return {
    health: 'suspect',
    because,
    probeEveryMs: more.probeEveryMs,
    askStandby: more.askStandby ?? false,
    ...given({ nextMs: more.nextMs }),
  };
}

function silent(because: string, probeEveryMs: number): Judgement {
  return { health: 'silent', because, probeEveryMs, askStandby: false };
}
