import type { FleetFacts, SelfFacts } from '../safety/guards.ts';
import type { NodeFacts, PodFacts } from '../node/facts.ts';
import { DEFAULT_NODE_POLICY, type NodePolicy } from '../policy/node-policy.ts';
import type { NodeRemediation } from '../node/remediation.ts';

/** Literals of a calm cluster; tests say only what differs. */
export const UID = '11111111-2222-3333-4444-555555555555';
export const ATTEMPT = 'node-1.11111111.1';
export const policy: NodePolicy = { ...DEFAULT_NODE_POLICY, mode: 'act' };

export const healthyNode: NodeFacts = {
  name: 'node-1',
  uid: UID,
  resourceVersion: '100',
  zone: 'zone-1',
  pool: 'worker',
  ready: 'True',
  seenReady: true,
  ageMs: 3_600_000,
  unschedulable: false,
  outOfServiceTaint: false,
  deleting: false,
  kubelet: { failuresInRow: 0, answeredAgoMs: 1000, answeringForMs: 60_000 },
  machine: { state: 'on', ageMs: 300 },
  leaseAgeMs: 4000,
  live: true,
};

export const silentKubelet = {
  failuresInRow: 3,
  silentForMs: 6000,
  answeredAgoMs: 6200,
  othersHeardSince: true,
} as const;

/** Powered off: the machine interface says so and the kubelet missed three questions. */
export const deadNode: NodeFacts = {
  ...healthyNode,
  kubelet: silentKubelet,
  machine: { state: 'off', ageMs: 800 },
};

export const calmFleet: FleetFacts = {
  nodes: 4,
  unhealthy: 1,
  leases: 4,
  staleLeases: 0,
  unprovenLeases: 0,
  inFlight: [],
  attemptsOnNode: 0,
  attemptsInPool: 0,
  attempt: ATTEMPT,
};

export const self: SelfFacts = {
  leading: true,
  apiAgeMs: 200,
  machineInterface: true,
  wallMs: Date.UTC(2026, 10, 22, 12),
};

export function treated(
  phase: NodeRemediation['phase'],
  more: Partial<NodeRemediation> = {},
): Partial<NodeFacts> {
  return {
    unschedulable: true,
    remediation: {
      attempt: ATTEMPT,
      phase,
      cordonOurs: true,
      startedAtMs: 0,
      phaseAtMs: 0,
      rule: 'node-silent',
      ...more,
    },
    remediationAgeMs: 10_000,
    recordedForMs: 10_000,
  };
}

export function pod(name: string, more: Partial<PodFacts> = {}): PodFacts {
  return {
    namespace: 'default',
    name,
    uid: `uid-${name}`,
    forced: false,
    terminating: false,
    critical: false,
    failing: false,
    ...more,
  };
}
