import type { SafetyPolicy } from '../policy/safety-policy.ts';
import { describeEnd, describeWindow, openAt } from '../../harness/core/owner/calendar.ts';

/** The whole cluster as the guards see it. */
export interface FleetFacts {
  readonly nodes: number;
  /** Nodes that are not healthy or under treatment, this one included. */
  readonly unhealthy: number;
  readonly leases: number;
  readonly staleLeases: number;
  /** Leases that this process has not seen being renewed since it began to look. */
  readonly unprovenLeases: number;
  readonly inFlight: readonly { readonly node: string; readonly zone: string }[];
  /** Since the last treatment ended; absent if none is known. */
  readonly endedAgoMs?: number | undefined;
  readonly attemptsOnNode: number;
  readonly attemptsInPool: number;
  /** The attempt on this node that was noted in the ledger and has not ended, or a new name. */
  readonly attempt: string;
  readonly suspended?: string | undefined;
  /** Why nothing is done in the zone of the node. */
  readonly zoneSuspended?: string | undefined;
  /** The loss of its whole zone that the node is part of, which counts as the loss of one node. */
  readonly zoneLoss?: string | undefined;
}

/** What the healer knows about itself. */
export interface SelfFacts {
  /** Whether our leadership is proven at this moment. */
  readonly leading: boolean;
  /** Since the last answer of the API server to us. */
  readonly apiAgeMs: number;
  readonly machineInterface: boolean;
  readonly paused?: string;
  /** Why the audit cannot be written at present. */
  readonly auditProblem?: string;
  readonly wallMs: number;
}

/** What the guards of every path look at; those of one path look at more. */
export interface Scope {
  /** What is to be treated, and where it runs. */
  readonly subject: {
    readonly name: string;
    readonly zone: string;
    readonly pool: string;
    readonly paused?: string;
  };
  readonly fleet: FleetFacts;
  readonly self: SelfFacts;
  readonly policy: SafetyPolicy;
}

export interface GuardResult {
  readonly guard: string;
  readonly ok: boolean;
  /** What was seen against what is allowed. */
  readonly detail: string;
}

/**
 * A reason not to act. `always` guards are asked before every step, `give-back` guards also before a node that answers gets
 * back what we took of it, `before-fence` guards until the machine is proved to be off, `begin` guards before the first step only: a treatment that has begun is not dropped half-way because it
 * counts itself.
 */
export interface Guard<S extends Scope = Scope> {
  readonly name: string;
  readonly when: 'give-back' | 'always' | 'before-fence' | 'begin';
  /** Undefined when all is well. */
  check(scope: S): string | undefined;
}

/** Whether we may act at all: who leads, how fresh our sight is, what people have said. */
export const STANDING_GUARDS: readonly Guard[] = [
  {
    name: 'leadership',
    when: 'give-back',
    check: ({ self }) => (self.leading ? undefined : 'our leadership is not proven'),
  },
  {
    name: 'api-fresh',
    when: 'give-back',
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
  {
    name: 'audit',
    when: 'before-fence',
    check: ({ self }) => self.auditProblem && `the audit cannot be written: ${self.auditProblem}`,
  },
  { name: 'suspended', when: 'always', check: ({ fleet }) => fleet.suspended },
  { name: 'paused', when: 'give-back', check: ({ self, subject }) => self.paused ?? subject.paused },
];

export const MAINTENANCE_GUARD: Guard = {
  name: 'maintenance',
  when: 'before-fence',
  check: ({ policy, self }) => {
    const open = openAt(policy.maintenance, self.wallMs);
    return open && `maintenance ${describeWindow(open.window)} until ${describeEnd(open)}`;
  },
};

/** Guards that say no more than that others come first. */
const TURNS: readonly Guard[] = [
  {
    name: 'in-flight',
    when: 'begin',
    check: ({ subject, fleet, policy }) => {
      const others = fleet.inFlight.filter((each) => each.node !== subject.name);
      return others.length < policy.maximumInFlight
        ? undefined
        : `${others.map((each) => each.node).join(', ')} under treatment, at most ${policy.maximumInFlight} at once`;
    },
  },
  {
    name: 'in-flight-zone',
    when: 'begin',
    check: ({ subject: { name, zone }, fleet, policy }) => {
      const others = fleet.inFlight.filter((each) => each.node !== name && each.zone === zone);
      return others.length < policy.maximumInFlightPerZone
        ? undefined
        : `zone ${zone}: ${others.map((each) => each.node).join(', ')} under treatment, at most ${policy.maximumInFlightPerZone}`;
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
];

/** How much may be treated at once, how often, and how much has to be left. */
export const BUDGET_GUARDS: readonly Guard[] = [
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
  ...TURNS,
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
    check: ({ subject, fleet, policy }) =>
      fleet.attemptsInPool < policy.budgetPerPool
        ? undefined
        : `${fleet.attemptsInPool} attempts in pool ${subject.pool} within the window, budget ${policy.budgetPerPool}`,
  },
];

/** Whether this guard makes a treatment wait for its turn, which is no reason to wake anybody. */
export function isTurn(name: string): boolean {
  return TURNS.some((guard) => guard.name === name);
}

/** Each reaches as far as those before it. */
const POINTS: readonly Guard['when'][] = ['give-back', 'always', 'before-fence', 'begin'];

/** All answers of the guards that apply at this point, refusals and consents alike. */
export function askGuards<S extends Scope>(
  guards: readonly Guard<S>[],
  point: Guard['when'],
  scope: S,
): readonly GuardResult[] {
  return guards
    .filter(({ when }) => POINTS.indexOf(when) <= POINTS.indexOf(point))
    .map((guard) => {
      const refusal = guard.check(scope);
      return { guard: guard.name, ok: refusal === undefined, detail: refusal ?? 'ok' };
    });
}
