import type { Assessment } from './assess.ts';
import type { FleetFacts, NodeFacts, SelfFacts } from './facts.ts';
import { insideMaintenance } from '../safety/maintenance.ts';
import type { NodePolicy } from '../policy/node-policy.ts';

/** What a guard looks at. */
export interface GuardInput {
  readonly node: NodeFacts;
  readonly fleet: FleetFacts;
  readonly self: SelfFacts;
  readonly policy: NodePolicy;
  readonly assessment: Assessment;
}

export interface GuardResult {
  readonly guard: string;
  readonly ok: boolean;
  /** What was seen against what is allowed. */
  readonly detail: string;
}

/**
 * A reason not to act. `always` guards are asked before every step, `before-fence` guards until the machine is proved
 * to be off, `begin` guards before the first step only: a treatment that has begun is not dropped half-way because it
 * counts itself.
 */
export interface Guard {
  readonly name: string;
  readonly when: 'always' | 'before-fence' | 'begin';
  /** Undefined when all is well. */
  check(input: GuardInput): string | undefined;
}

export const GUARDS: readonly Guard[] = [
  {
    name: 'leadership',
    when: 'always',
    check: ({ self }) => (self.leading ? undefined : 'our leadership is not proven'),
  },
  {
    name: 'api-fresh',
    when: 'always',
    check: ({ self, policy }) =>
      self.apiAgeMs <= policy.apiFreshMs
        ? undefined
        : `the API server last answered us ${self.apiAgeMs.toFixed(0)} ms ago, allowed ${policy.apiFreshMs}`,
  },
  {
    name: 'partition',
    when: 'always',
    check: ({ fleet }) =>
      fleet.staleLeases > 1 && fleet.staleLeases * 2 > fleet.leases
        ? `${fleet.staleLeases} of ${fleet.leases} node leases went stale together`
        : undefined,
  },
  {
    // A process that has just started takes every lease for fresh: it could not tell a partition yet.
    name: 'leases-proven',
    when: 'before-fence',
    check: ({ fleet }) =>
      fleet.leases > 1 && fleet.unprovenLeases * 2 > fleet.leases
        ? `${fleet.unprovenLeases} of ${fleet.leases} node leases were not seen being renewed yet`
        : undefined,
  },
  { name: 'suspended', when: 'always', check: ({ fleet }) => fleet.suspended },
  { name: 'paused', when: 'always', check: ({ self, node }) => self.paused ?? node.paused },
  { name: 'mark', when: 'before-fence', check: ({ node }) => node.mark?.detail },
  {
    name: 'maintenance',
    when: 'before-fence',
    check: ({ policy, self }) => insideMaintenance(policy.maintenance, self.wallMs),
  },
  {
    name: 'node-deleting',
    when: 'before-fence',
    check: ({ node }) => (node.deleting ? 'somebody else is deleting the node' : undefined),
  },
  {
    name: 'minimum-healthy',
    when: 'before-fence',
    check: ({ fleet, policy }) => {
      const healthy = fleet.nodes - fleet.unhealthy;
      return healthy * 100 >= policy.minimumHealthyPercent * fleet.nodes
        ? undefined
        : `${healthy} of ${fleet.nodes} nodes are healthy, at least ${policy.minimumHealthyPercent} % have to be`;
    },
  },
  {
    name: 'maximum-unhealthy',
    when: 'before-fence',
    check: ({ fleet, policy }) =>
      fleet.unhealthy <= policy.maximumUnhealthy
        ? undefined
        : `${fleet.unhealthy} nodes are unhealthy at once, at most ${policy.maximumUnhealthy} are treated`,
  },
  {
    name: 'in-flight',
    when: 'begin',
    check: ({ node, fleet, policy }) => {
      const others = fleet.inFlight.filter((each) => each.node !== node.name);
      return others.length < policy.maximumInFlight
        ? undefined
        : `${others.map((each) => each.node).join(', ')} under treatment, at most ${policy.maximumInFlight} at once`;
    },
  },
  {
    name: 'in-flight-zone',
    when: 'begin',
    check: ({ node, fleet, policy }) => {
      const others = fleet.inFlight.filter((each) => each.node !== node.name && each.zone === node.zone);
      return others.length < policy.maximumInFlightPerZone
        ? undefined
        : `zone ${node.zone}: ${others.map((each) => each.node).join(', ')} under treatment, at most ${policy.maximumInFlightPerZone}`;
    },
  },
  {
    name: 'cool-down',
    when: 'begin',
    check: ({ fleet, policy }) =>
      fleet.endedAgoMs === undefined || fleet.endedAgoMs >= policy.coolDownMs
        ? undefined
        : `the last treatment ended ${fleet.endedAgoMs.toFixed(0)} ms ago, cool-down ${policy.coolDownMs}`,
  },
  {
    name: 'budget-node',
    when: 'begin',
    check: ({ fleet, policy }) =>
      fleet.attemptsOnNode < policy.budgetPerNode
        ? undefined
        : `${fleet.attemptsOnNode} attempts on this node within the window, budget ${policy.budgetPerNode}`,
  },
  {
    name: 'budget-pool',
    when: 'begin',
    check: ({ node, fleet, policy }) =>
      fleet.attemptsInPool < policy.budgetPerPool
        ? undefined
        : `${fleet.attemptsInPool} attempts in pool ${node.pool} within the window, budget ${policy.budgetPerPool}`,
  },
];

/** All answers of the guards that apply at this point, refusals and consents alike. */
export function askGuards(
  guards: readonly Guard[],
  point: Guard['when'],
  input: GuardInput,
): readonly GuardResult[] {
  const reach = point === 'begin' ? 3 : point === 'before-fence' ? 2 : 1;
  return guards
    .filter((guard) => (guard.when === 'always' ? 1 : guard.when === 'before-fence' ? 2 : 3) <= reach)
    .map((guard) => {
      const refusal = guard.check(input);
      return { guard: guard.name, ok: refusal === undefined, detail: refusal ?? 'ok' };
    });
}
