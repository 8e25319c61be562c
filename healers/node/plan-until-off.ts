import type { PodFacts } from './facts.ts';
import {
  act,
  look,
  refuse,
  rest,
  restUntilAlive,
  RETRY_MS,
  untilAlive,
  type NodePlan,
  type PlanContext,
} from './plan-answer.ts';
import { movePods, planFenced } from './plan-off.ts';
import { fencingName, type NodeRemediation } from './remediation.ts';

/** Nothing but the cordon was allowed when it began: no machine interface. */
export function planCordoned(context: PlanContext): NodePlan {
  const { node, assessment, self, policy } = context;
  const back = backToLife(context);
  if (back !== undefined) return back;
  if (assessment.health !== 'silent') return rest(context, 'cordoned', assessment.because);
  if (self.machineInterface) {
    return act(context, 'before-fence', 'machine-interface-back', 'the machine interface is there now', {
      kind: 'advance',
      phase: 'fencing',
      taint: false,
    });
  }
  if (policy.withoutMachine === 'cordon') {
    return refuse(
      context,
      'no-machine-interface',
      'cordoned; nothing proves that the machine is off: a person is needed',
      [],
    );
  }
  const standbySilent = node.standby?.says === 'silent' && node.standby.ageMs <= policy.standbyFreshMs;
  const leaseAgeMs = node.leaseAgeMs ?? 0;
  if (!standbySilent || leaseAgeMs <= policy.leaseLostMs) {
    const reason = 'waiting for two independent signals: a lost lease and the other healer';
    const asking = { ...context, assessment: { ...assessment, askStandby: true } };
    return rest(asking, 'two-signals', reason, Math.min(RETRY_MS, policy.leaseLostMs - leaseAgeMs + 1));
  }
  return movePods(context, 'two-signals', 'by policy: lease lost and silent for two healers', () =>
    rest(context, 'two-signals', 'pods moved by policy; the machine needs a person'),
  );
}

/** The node answers and is not Ready: its pods are asked to leave before the machine is touched. */
export function planDraining(context: PlanContext): NodePlan {
  const { node, assessment, policy, self } = context;
  if (assessment.health === 'healthy') {
    const back = backToLife(context);
    if (back !== undefined) return back;
  }
  // Between two turns of a node that flaps, and in the first moment of each, nothing is done to it.
  const momentMs = policy.notReadyForMs - (node.notReadyForMs ?? Infinity);
  if (assessment.health === 'recovering' || momentMs > 0)
    return rest(context, 'flapping', assessment.because, Math.max(momentMs, 0) || Infinity);
  const silent = assessment.health === 'silent';
  const deadlineMs = policy.drainDeadlineMs - (node.remediationAgeMs ?? 0);
  const leftMs = Math.max(
    deadlineMs,
    Math.min(deadlineMs + policy.drainGraceMs, longestGraceMs(node.pods ?? [])),
  );
  if (silent || leftMs <= 0) {
    const why = silent
      ? assessment.because
      : `not Ready, and not drained within ${policy.drainDeadlineMs} ms and the grace of its pods`;
    if (!self.machineInterface)
      return refuse(context, 'no-machine-interface', `${why}; nothing can fence it`, []);
    if (!silent && !policy.fenceAfterDrain) {
      return refuse(context, 'drain-deadline', `${why}; policy forbids fencing a node that answers`, []);
    }
    return act(context, 'before-fence', silent ? 'node-silent' : 'drain-deadline', why, {
      kind: 'advance',
      phase: 'fencing',
      taint: false,
    });
  }
  if (!node.live) return look(context, 'drain');
  const next = nextToDrain(node.pods ?? []);
  if (next.length === 0) {
    return rest(context, 'drain', 'waiting for evicted pods to go', Math.min(policy.drainStepMs, leftMs));
  }
  const plan = act(context, 'before-fence', 'drain', assessment.because, { kind: 'drain', pods: next });
  return plan.verdict === 'act' ? { ...plan, afterMs: Math.min(policy.drainStepMs, leftMs) } : plan;
}

/** What the pods that were asked to leave, and do, have left of their grace. */
function longestGraceMs(pods: readonly PodFacts[]): number {
  return Math.max(0, ...pods.map(({ stays, graceLeftMs }) => (stays === undefined ? (graceLeftMs ?? 0) : 0)));
}

/** Failing pods at once, the others one by one, those that a budget protects last; what a drain should leave stays. */
export function nextToDrain(pods: readonly PodFacts[]): readonly PodFacts[] {
  const movable = pods.filter((pod) => pod.stays === undefined && !pod.critical && !pod.terminating);
  const failing = movable.filter((pod) => pod.failing);
  const others = movable.filter((pod) => !pod.failing);
  const one = others.find((pod) => pod.refused === undefined) ?? others[0];
  return one === undefined ? failing : [...failing, one];
}

/** The machine is to be powered off, until that is proved. */
export function planFencing(context: PlanContext, remediation: NodeRemediation): NodePlan {
  const { node, assessment, self, policy } = context;
  const fencing = fencingName(remediation);
  const fence = node.fence?.attempt === fencing ? node.fence : undefined;
  if (fence?.provedAgoMs !== undefined) return planFenced(context, fence.provedAgoMs);
  // Until the proof any HTTP answer is life. Where a drain failed, only a Ready node calls it off.
  const silentOnly = remediation.rule === 'node-silent';
  if (silentOnly || assessment.health === 'healthy') {
    const back = backToLife(context);
    if (back !== undefined) return back;
  } else if (assessment.health === 'recovering') return rest(context, 'flapping', assessment.because);
  if (silentOnly && assessment.health !== 'silent') return rest(context, 'fencing', assessment.because);
  if (!self.machineInterface)
    return refuse(context, 'no-machine-interface', 'nothing can fence the machine', []);
  const { voided = 0 } = remediation;
  if (voided >= policy.budgetPerNode) {
    const reason = `on again after each of ${voided} power-offs: a person is needed`;
    return refuse(context, 'powered-on-again', reason, []);
  }
  return act(context, 'before-fence', 'fence', assessment.because, {
    kind: 'fence',
    attempt: fencing,
  });
}

/** Whether the node answers us and the API server. */
export function isBack({ assessment }: PlanContext): boolean {
  return ['healthy', 'recovering', 'not-ready'].includes(assessment.health);
}

/** The plan for a node that answers again: call the treatment off once it did so for long enough. */
export function backToLife(context: PlanContext): NodePlan | undefined {
  if (!isBack(context)) return undefined;
  const leftMs = untilAlive(context);
  if (leftMs > 0) return restUntilAlive(context, 'answers-again', 'the kubelet answers again', leftMs);
  // Also while healing is suspended, where a healthy node is worth most: its own answer is all that this rests on.
  return act(context, 'give-back', 'recovered-by-itself', 'the kubelet answers again', {
    kind: 'cancel',
    outcome: 'recovered',
  });
}
