import type { NodeFacts } from './facts.ts';
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
import { fencingName, type NodeRemediation } from './remediation.ts';

/** The power-off is proved: first the pods go, then the machine. */
export function planFenced(context: PlanContext, provedAgoMs: number): NodePlan {
  if (saysOn(context.node, provedAgoMs)) return unprove(context, ON_AGAIN);
  if (answersSince(context.node, provedAgoMs)) return unprove(context, ANSWERS_AGAIN);
  return movePods(context, 'fenced', 'the machine is proved to be off', () =>
    act(context, 'always', 'evacuated', 'no pod is left that has to go', {
      kind: 'advance',
      phase: 'replacing',
      taint: true,
    }),
  );
}

/** The machine is off: another takes its place, and the node goes when that one is Ready. */
export function planReplacing(context: PlanContext, remediation: NodeRemediation): NodePlan {
  const { node, policy, self } = context;
  if (remediation.phase === 'replaced' && remediation.replacement === node.name) return planReimaged(context);
  const { machine } = node;
  const fencing = fencingName(remediation);
  const fence = node.fence?.attempt === fencing ? node.fence : undefined;
  // A replacement may have been given the old name or the old address, and may have been asked for already: what answers there is no
  // proof that the old machine is on.
  if (remediation.phase === 'replacing') {
    // Who has no proof of its own knows that there is one since the record says so: what was said before is no word against it.
    const { recordedForMs = 0 } = node;
    const wordMs = Math.min(recordedForMs, policy.machineFreshMs);
    if (saysOn(node, fence?.provedAgoMs ?? wordMs)) return unprove(context, ON_AGAIN);
    if (answersSince(node, fence?.provedAgoMs ?? recordedForMs))
      return refuse(context, 'powered-on-again', ANSWERS_AGAIN, []);
  }
  const freshWord =
    machine !== undefined && machine.ageMs <= policy.machineFreshMs && machine.mistaken === undefined
      ? machine.state
      : 'unknown';
  if (fence?.provedAgoMs === undefined && freshWord !== 'off' && freshWord !== 'absent') {
    if (!self.machineInterface)
      return refuse(context, 'no-machine-interface', 'nothing proves that it is off', []);
    // The proof of an earlier process is not ours: the same attempt again gives it without acting twice.
    return act(context, 'always', 'prove-again', 'the power-off has to be proved again', {
      kind: 'fence',
      attempt: fencing,
    });
  }
  return movePods(context, 'late-pods', 'pods were bound to the node meanwhile', () => {
    const replacement = remediation.replacement ?? 'the replacement';
    if (remediation.phase === 'replacing') {
      const startingMs = waitForMoved(node, policy.replaceAfterMs);
      if (startingMs > 0) {
        return rest(
          context,
          'moving',
          movingReason(node, 'moved pods are starting elsewhere, the replacement waits'),
          startingMs,
        );
      }
      const attempt = remediation.attempt;
      return act(context, 'always', 'replace', 'the machine is off and empty', { kind: 'replace', attempt });
    }
    if (node.deleting)
      return awaitOthers(
        context,
        'retire',
        'retire-late',
        'somebody has to let go of the node, which is deleted',
      );
    // One that has gone since was lost in its turn, and whoever took its place was a treatment of its own: it never becomes Ready.
    const isGone = node.replacement?.gone === true;
    if (isGone || node.replacement?.ready === true) {
      const startingMs = waitForMoved(node, policy.movedWithinMs);
      if (startingMs > 0)
        return rest(context, 'moving', movingReason(node, 'moved pods are not all Ready yet'), startingMs);
      const reason = `${replacement} ${isGone ? 'was there and has gone since' : 'is Ready'}`;
      return act(context, 'always', 'retire', reason, { kind: 'retire' });
    }
    const reason = `waiting for ${replacement} to become Ready`;
    // Pods may still be bound to the old node, whatever its cordon says: look again without an event.
    return awaitOthers(context, 'replaced', 'replacement-late', reason);
  });
}

/** The machine is made anew under the name of the node, whose object stays: it is back when its kubelet is, whatever the object said before. */
function planReimaged(context: PlanContext): NodePlan {
  const { assessment } = context;
  const reason = 'waiting for the machine to come back under its own name';
  if (assessment.health !== 'healthy') return awaitOthers(context, 'replaced', 'replacement-late', reason);
  const leftMs = untilAlive(context);
  if (leftMs > 0) return restUntilAlive(context, 'replaced', reason, leftMs);
  return act(context, 'always', 'reimaged', 'the machine is back under its own name', {
    kind: 'cancel',
    outcome: 'reimaged',
  });
}

/** What is left to do is others' work, which people hear of when it is late; a replacement that was never asked for, since we only observe, is not. */
function awaitOthers(context: PlanContext, rule: string, late: string, reason: string): NodePlan {
  const { node, policy } = context;
  const isLate = policy.mode === 'act' && (node.remediationAgeMs ?? 0) > policy.replacementDeadlineMs;
  return isLate ? refuse(context, late, reason, []) : rest(context, rule, reason, RETRY_MS);
}

function movingReason({ moving }: NodeFacts, usual: string): string {
  return moving?.problem === undefined ? usual : `moved pods cannot be counted: ${moving.problem}`;
}

/** A controller needs a moment to make new pods: before it has passed, none missing means nothing. */
const MAKING_PODS_MS = 500;

/** Until the next look at the moved pods; 0 when nobody has to be waited for. */
function waitForMoved({ moving }: NodeFacts, atMostMs: number): number {
  if (moving === undefined || moving.sinceMs >= atMostMs || moving.unschedulable > 0) return 0;
  if (moving.sinceMs < MAKING_PODS_MS) return Math.ceil(Math.min(MAKING_PODS_MS, atMostMs) - moving.sinceMs);
  return moving.unready > 0 ? MAKING_PODS_MS : 0;
}

const ON_AGAIN = 'the machine interface says that it is on again';
const ANSWERS_AGAIN = 'the kubelet answers again after its machine was fenced';

/** Whether the machine was on in a list that was asked for within that time. */
function saysOn({ machine }: NodeFacts, agoMs: number): boolean {
  return machine?.state === 'on' && machine.ageMs < agoMs;
}

function answersSince({ kubelet }: NodeFacts, agoMs: number): boolean {
  return kubelet.failuresInRow === 0 && kubelet.answeredAgoMs !== undefined && kubelet.answeredAgoMs < agoMs;
}

/** The proof is taken back at once; whether the machine is fenced again or has recovered is for the next look. */
function unprove(context: PlanContext, reason: string): NodePlan {
  return act(context, 'always', 'powered-on-again', reason, { kind: 'unprove' });
}

/** Deletes what has to go, and asks for the step after it when nothing is left. */
export function movePods(context: PlanContext, rule: string, reason: string, then: () => NodePlan): NodePlan {
  const { node } = context;
  if (node.live && node.pods !== undefined) {
    const remaining = node.pods.filter((pod) => pod.stays === undefined && !pod.forced);
    if (remaining.length === 0) return then();
    return act(context, 'always', rule, reason, { kind: 'evacuate', pods: remaining });
  }
  return look(context, rule);
}
