import type { Assessment } from './assess.ts';
import type { NodeFacts, PodFacts } from './facts.ts';
import {
  askGuards,
  type FleetFacts,
  type SelfFacts,
  type Guard,
  type GuardResult,
} from '../safety/guards.ts';
import type { NodeGuard } from './guards.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import type { Phase, NodeRemediation } from './remediation.ts';

/** The next thing to do about one node. Every kind but `rest` and `look` changes the world. */
export type NodeStep =
  | { readonly kind: 'rest' }
  /** Read node, lease, pods and ledger from the server and plan again: nothing is done from a cache. */
  | { readonly kind: 'look' }
  /** A mere `cordon` is no attempt that would count against a budget or keep others waiting. */
  | {
      readonly kind: 'begin' | 'cordon';
      readonly remediation: Omit<NodeRemediation, 'startedAtMs' | 'phaseAtMs'>;
    }
  | { readonly kind: 'advance'; readonly phase: Phase; readonly taint: boolean }
  /** Back to `fencing` with another power-off, without our taint: the machine is on again. */
  | { readonly kind: 'unprove' }
  | { readonly kind: 'fence'; readonly attempt: string }
  | { readonly kind: 'drain'; readonly pods: readonly PodFacts[] }
  | { readonly kind: 'evacuate'; readonly pods: readonly PodFacts[] }
  | { readonly kind: 'replace'; readonly attempt: string }
  | { readonly kind: 'retire' }
  /** Take back what is ours on the node: cordon, taint, record. */
  | { readonly kind: 'cancel'; readonly outcome: 'recovered' | 'reimaged' | 'person' | 'withdrawn' }
  | { readonly kind: 'forget' };

/** What was decided about one node, and why. */
export interface NodePlan {
  readonly assessment: Assessment;
  readonly step: NodeStep;
  /** `refused`: something ought to be done, and a guard or a rule forbids it. `later`: it failed, and its next try is not due. */
  readonly verdict: 'rest' | 'look' | 'act' | 'refused' | 'later';
  /** The rule that decided, a stable kebab-case word. */
  readonly rule: string;
  readonly reason: string;
  readonly guards: readonly GuardResult[];
  /** The exact wait until the next look, unless an event comes first. */
  readonly afterMs: number;
}

/** What a node is planned from. */
export interface PlanContext {
  readonly node: NodeFacts;
  readonly fleet: FleetFacts;
  readonly self: SelfFacts;
  readonly policy: NodePolicy;
  readonly assessment: Assessment;
  readonly guards: readonly NodeGuard[];
}

/** The wait after which something that may end without an event is looked at again. */
export const RETRY_MS = 1000;

/** To do a step: where the guards allow it, it is due, and what it rests on was read live. */
export function act(
  context: PlanContext,
  point: Guard['when'],
  rule: string,
  reason: string,
  step: NodeStep,
): NodePlan {
  const { node, fleet, self, policy, assessment } = context;
  const guards = askGuards(context.guards, point, { subject: node, fleet, self, policy });
  if (guards.some((each) => !each.ok)) return refuse(context, rule, reason, guards);
  const plan = whenDue(context, { assessment, step, verdict: 'act', rule, reason, guards, afterMs: 0 });
  return node.live || plan.verdict === 'later' ? plan : { ...look(context, rule), guards };
}

/** To read the server before anything is done. */
export function look(context: PlanContext, rule: string): NodePlan {
  const { assessment } = context;
  const reason = 'reading live before acting';
  const step = { kind: 'look' } as const;
  return whenDue(context, { assessment, step, verdict: 'look', rule, reason, guards: [], afterMs: 0 });
}

/** The plan; where its step has failed, not before its next try is due. */
function whenDue(context: PlanContext, plan: NodePlan): NodePlan {
  const leftMs = context.node.retriesInMs?.[plan.step.kind] ?? 0;
  if (leftMs <= 0) return plan;
  const reason = `${plan.reason}; ${plan.step.kind} has failed and is tried again`;
  return { ...rest(context, plan.rule, reason, leftMs), verdict: 'later', guards: plan.guards };
}

/** To do nothing although something ought to be done. */
export function refuse(
  context: PlanContext,
  rule: string,
  reason: string,
  guards: readonly GuardResult[],
): NodePlan {
  const { fleet, policy, assessment } = context;
  const coolingMs = policy.coolDownMs - (fleet.endedAgoMs ?? Infinity) + 1;
  const afterMs = coolingMs > 0 ? Math.min(RETRY_MS, coolingMs) : RETRY_MS;
  return { assessment, step: { kind: 'rest' }, verdict: 'refused', rule, reason, guards, afterMs };
}

/**
 * Until the kubelet of a treated node has answered for long enough to say that it lives; 0 once it has. What it answered before this
 * process saw the record as it is says nothing: whoever takes over, or leads beside another, may not have asked it since.
 */
export function untilAlive({ node: { kubelet, recordedForMs = 0 }, policy }: PlanContext): number {
  const leftMs = Math.max(0, policy.aliveForMs - Math.min(kubelet.answeringForMs ?? 0, recordedForMs));
  const isAsked = (kubelet.answeredAgoMs ?? Infinity) < recordedForMs;
  return isAsked ? leftMs : Math.max(leftMs, policy.burstProbeEveryMs);
}

/** To wait for a kubelet that has begun to answer, and ask it often: an answer is no event, nothing changes by it but its age. */
export function restUntilAlive(context: PlanContext, rule: string, reason: string, leftMs: number): NodePlan {
  const { assessment, policy } = context;
  const probeEveryMs = Math.min(assessment.probeEveryMs, policy.suspectProbeEveryMs);
  return rest({ ...context, assessment: { ...assessment, probeEveryMs } }, rule, reason, leftMs);
}

/** To do nothing, since nothing has to be done now. */
export function rest(
  { assessment, policy }: PlanContext,
  rule: string,
  reason: string,
  waitMs = Infinity,
): NodePlan {
  const afterMs = Math.max(1, Math.min(policy.resyncMs, assessment.nextMs ?? Infinity, waitMs));
  return { assessment, step: { kind: 'rest' }, verdict: 'rest', rule, reason, guards: [], afterMs };
}
