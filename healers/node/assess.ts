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
}

/**
 * A node is silent when its kubelet gave no HTTP answer several times in a row and a second, independent witness agrees:
 * the machine interface says `off`, or the node's lease is overdue and another healer does not reach the kubelet either.
 */
export function assess(node: NodeFacts, self: Pick<SelfFacts, 'apiAgeMs'>, general: NodePolicy): Assessment {
  const { kubelet, machine } = node;
  const policy = forLease(general, node.leaseDurationMs);
  const machineOff = machine?.state === 'off' && machine.ageMs <= policy.machineFreshMs;
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
    const answeredSince = kubelet.answeredAgoMs < (machine.ageMs || 0);
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
function withoutLease(node: NodeFacts, policy: NodePolicy, probeEveryMs: number): Assessment {
  const because = `the kubelet is silent, Ready is ${node.ready}, and no lease tells when it was last there`;
  const leftMs = policy.leaseLostMs - (node.kubelet.silentForMs ?? 0);
  if (leftMs > 0) return suspect(because, { probeEveryMs, nextMs: leftMs });
  const calm = { because, probeEveryMs: policy.calmProbeEveryMs, askStandby: false };
  return isStarting(node, policy) ? suspect(because, calm) : { health: 'unwitnessed', ...calm };
}

function isStarting({ seenReady, ageMs }: NodeFacts, { startGraceMs }: NodePolicy): boolean {
  return !seenReady && ageMs < startGraceMs;
}

function silentByLease(node: NodeFacts, policy: NodePolicy, probeEveryMs: number): Assessment {
  const leaseAgeMs = node.leaseAgeMs ?? 0;
  const fresh = node.standby !== undefined && node.standby.ageMs <= policy.standbyFreshMs;
  const lease = `lease ${(leaseAgeMs / 1000).toFixed(1)} s old`;
  const ask = { probeEveryMs, askStandby: true };
  if (node.zoneView?.heard === false) {
    return suspect('the kubelet is silent, and no other of its zone is heard: the zone may be cut off', {
      ...ask,
      nextMs: policy.burstProbeEveryMs,
    });
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

  function silentAlone({ kubelet }: NodeFacts, enoughMs: number, other: string): Assessment {
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
): Assessment {
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
): Assessment {
  return {
    health: 'suspect',
    because,
    probeEveryMs: more.probeEveryMs,
    askStandby: more.askStandby ?? false,
    ...given({ nextMs: more.nextMs }),
  };
}

function silent(because: string, probeEveryMs: number): Assessment {
  return { health: 'silent', because, probeEveryMs, askStandby: false };
}
