import { assess } from './assess.ts';
import type { Assessment } from './assess.ts';
import type { FleetFacts, NodeFacts, PodFacts, SelfFacts } from './facts.ts';
import { askGuards, GUARDS } from './guards.ts';
import type { Guard, GuardResult } from './guards.ts';
import type { NodePolicy } from './policy.ts';
import { attemptName } from './progress.ts';
import type { Phase, Progress } from './progress.ts';

/** The next thing to do about one node. Every kind but `rest` and `look` changes the world. */
export type NodeStep =
  | { readonly kind: 'rest' }
  /** Read node, lease, pods and ledger from the server and plan again: nothing is done from a cache. */
  | { readonly kind: 'look' }
  | { readonly kind: 'begin'; readonly progress: Omit<Progress, 'startedAtMs' | 'phaseAtMs'> }
  | { readonly kind: 'advance'; readonly phase: Phase; readonly taint: boolean }
  | { readonly kind: 'fence'; readonly attempt: string }
  | { readonly kind: 'drain'; readonly pods: readonly PodFacts[] }
  | { readonly kind: 'evacuate'; readonly pods: readonly PodFacts[] }
  | { readonly kind: 'replace'; readonly attempt: string }
  | { readonly kind: 'retire' }
  /** Take back what is ours on the node: cordon, taint, record. */
  | { readonly kind: 'cancel'; readonly outcome: 'recovered' | 'person' | 'withdrawn' }
  | { readonly kind: 'forget' };

export interface NodePlan {
  readonly assessment: Assessment;
  readonly step: NodeStep;
  /** `refused`: something ought to be done, and a guard or a rule forbids it. */
  readonly verdict: 'rest' | 'look' | 'act' | 'refused';
  /** The rule that decided, a stable kebab-case word. */
  readonly rule: string;
  readonly reason: string;
  readonly guards: readonly GuardResult[];
  /** The exact wait until the next look, unless an event comes first. */
  readonly afterMs: number;
}

const RETRY_MS = 1000;

interface Context {
  readonly node: NodeFacts;
  readonly fleet: FleetFacts;
  readonly self: SelfFacts;
  readonly policy: NodePolicy;
  readonly assessment: Assessment;
  readonly guards: readonly Guard[];
}

/** Decides the next step for one node. Pure: everything it knows is passed in. */
export function planNode(
  node: NodeFacts,
  fleet: FleetFacts,
  self: SelfFacts,
  policy: NodePolicy,
  guards: readonly Guard[] = GUARDS,
): NodePlan {
  const context = { node, fleet, self, policy, guards, assessment: assess(node, self, policy) };
  if (node.progress === undefined) return planUntreated(context);
  return planTreatment(context, node.progress);
}

function planUntreated(context: Context): NodePlan {
  const { assessment, self, node, fleet } = context;
  switch (assessment.health) {
    case 'healthy':
    case 'starting':
    case 'unasked':
    case 'suspect':
      return rest(context, assessment.health, assessment.because);
    case 'cut-off':
      return refuse(context, 'cut-off', `${assessment.because}; an answering kubelet is never fenced`, []);
    case 'silent':
      return begin(context, 'node-silent', self.machineInterface ? 'fencing' : 'cordoned');
    case 'not-ready':
      return begin(context, 'node-not-ready', 'draining');
  }
  function begin(of: Context, rule: string, phase: Phase): NodePlan {
    return act(of, 'begin', rule, assessment.because, {
      kind: 'begin',
      progress: {
        attempt: attemptName(node.name, node.uid, fleet.nextAttempt),
        phase,
        cordonOurs: !node.unschedulable,
        rule,
      },
    });
  }
}

function planTreatment(context: Context, progress: Progress): NodePlan {
  const { node, assessment } = context;
  if (progress.phase === 'cancelled') {
    return assessment.health === 'healthy'
      ? act(
          context,
          'always',
          'forget',
          'the node is healthy again, the record of the cancelled treatment goes',
          {
            kind: 'forget',
          },
        )
      : refuse(
          context,
          'cancelled',
          'a person took this node over; no treatment until it was healthy again',
          [],
        );
  }
  if (progress.cordonOurs && !node.unschedulable) {
    return act(
      context,
      'always',
      'person-uncordoned',
      'a person uncordoned the node: the treatment ends here',
      {
        kind: 'cancel',
        outcome: 'person',
      },
    );
  }
  if (node.mark !== undefined && !fenceAsked(node, progress)) {
    // An open treatment keeps others waiting; one that may never go on must not.
    return act(
      context,
      'always',
      'withdrawn',
      `the treatment ends before the machine was touched: ${node.mark.detail}`,
      {
        kind: 'cancel',
        outcome: 'withdrawn',
      },
    );
  }
  switch (progress.phase) {
    case 'cordoned':
      return planCordoned(context);
    case 'draining':
      return planDraining(context);
    case 'fencing':
      return planFencing(context, progress);
    case 'replacing':
    case 'replaced':
      return planReplacing(context, progress);
  }
}

/** Whether the machine interface was asked to power the machine off, as far as this process knows. */
function fenceAsked(node: NodeFacts, progress: Progress): boolean {
  const before =
    progress.phase === 'cordoned' || progress.phase === 'draining' || progress.phase === 'fencing';
  return !before || node.fence?.attempt === progress.attempt;
}

/** Nothing but the cordon was allowed when it began: no machine interface. */
function planCordoned(context: Context): NodePlan {
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
    return rest(
      asking,
      'two-signals',
      reason,
      Math.min(RETRY_MS, Math.max(1, policy.leaseLostMs - leaseAgeMs + 1)),
    );
  }
  return movePods(context, 'two-signals', 'by policy: lease lost and silent for two healers', () =>
    rest(context, 'two-signals', 'pods moved by policy; the machine needs a person'),
  );
}

function planDraining(context: Context): NodePlan {
  const { node, assessment, policy, self } = context;
  if (assessment.health === 'healthy') {
    const back = backToLife(context);
    if (back !== undefined) return back;
  }
  const silent = assessment.health === 'silent';
  const leftMs = policy.drainDeadlineMs - (node.progressAgeMs ?? 0);
  if (silent || leftMs <= 0) {
    const why = silent
      ? assessment.because
      : `not Ready, and not drained within ${policy.drainDeadlineMs} ms`;
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
  return { ...plan, afterMs: Math.min(policy.drainStepMs, leftMs) };
}

/** Failing pods at once, the others one by one; what a drain should leave stays. */
export function nextToDrain(pods: readonly PodFacts[]): readonly PodFacts[] {
  const movable = pods.filter((pod) => pod.stays === undefined && !pod.critical && !pod.terminating);
  const failing = movable.filter((pod) => pod.failing);
  const one = movable.find((pod) => !pod.failing);
  return one === undefined ? failing : [...failing, one];
}

function planFencing(context: Context, progress: Progress): NodePlan {
  const { node, assessment, self } = context;
  const fence = node.fence?.attempt === progress.attempt ? node.fence : undefined;
  if (fence?.provedAgoMs !== undefined) {
    if (aliveSince(node, fence.provedAgoMs)) return poweredOnAgain(context);
    return movePods(context, 'fenced', 'the machine is proved to be off', () =>
      act(context, 'always', 'evacuated', 'no pod is left that has to go', {
        kind: 'advance',
        phase: 'replacing',
        taint: true,
      }),
    );
  }
  // Until the proof any HTTP answer is life. Where a drain failed, only a Ready node calls it off.
  const silentOnly = progress.rule === 'node-silent';
  if (silentOnly || assessment.health === 'healthy') {
    const back = backToLife(context);
    if (back !== undefined) return back;
  }
  if (silentOnly && assessment.health !== 'silent') return rest(context, 'fencing', assessment.because);
  if (!self.machineInterface)
    return refuse(context, 'no-machine-interface', 'nothing can fence the machine', []);
  if (fence !== undefined && fence.retryInMs > 0) {
    return rest(context, 'fencing', 'the machine interface refused; trying again', fence.retryInMs);
  }
  return act(context, 'before-fence', 'fence', assessment.because, {
    kind: 'fence',
    attempt: progress.attempt,
  });
}

function planReplacing(context: Context, progress: Progress): NodePlan {
  const { node, policy, self } = context;
  const { machine, kubelet } = node;
  const fence = node.fence?.attempt === progress.attempt ? node.fence : undefined;
  // A replacement may have been given the old address: then an answer there says nothing about the old machine.
  if (
    progress.phase === 'replacing' &&
    kubelet.failuresInRow === 0 &&
    aliveSince(node, fence?.provedAgoMs ?? Infinity)
  ) {
    return poweredOnAgain(context);
  }
  const freshWord =
    machine !== undefined && machine.ageMs <= policy.machineFreshMs ? machine.state : 'unknown';
  if (fence?.provedAgoMs === undefined && freshWord !== 'off' && freshWord !== 'absent') {
    if (!self.machineInterface)
      return refuse(context, 'no-machine-interface', 'nothing proves that it is off', []);
    if (fence !== undefined && fence.retryInMs > 0) {
      return rest(context, 'fencing', 'the machine interface refused; trying again', fence.retryInMs);
    }
    // The proof of an earlier process is not ours: the same attempt again gives it without acting twice.
    return act(context, 'always', 'prove-again', 'the power-off has to be proved again', {
      kind: 'fence',
      attempt: progress.attempt,
    });
  }
  return movePods(context, 'late-pods', 'pods were bound to the node meanwhile', () => {
    const replacement = progress.replacement ?? 'the replacement';
    if (progress.phase === 'replacing') {
      if ((node.replaceRetryInMs ?? 0) > 0) {
        return rest(
          context,
          'replacing',
          'the machine interface refused; trying again',
          node.replaceRetryInMs,
        );
      }
      const startingMs = waitForMoved(node, policy.replaceAfterMs);
      if (startingMs > 0) {
        return rest(
          context,
          'moving',
          'moved pods are starting elsewhere, the replacement waits',
          startingMs,
        );
      }
      const attempt = progress.attempt;
      return act(context, 'always', 'replace', 'the machine is off and empty', { kind: 'replace', attempt });
    }
    if (node.replacement?.ready === true) {
      const startingMs = waitForMoved(node, policy.movedWithinMs);
      if (startingMs > 0) return rest(context, 'moving', 'moved pods are not all Ready yet', startingMs);
      return act(context, 'always', 'retire', `${replacement} is Ready`, { kind: 'retire' });
    }
    const reason = `waiting for ${replacement} to become Ready`;
    // Pods may still be bound to the old node, whatever its cordon says: look again without an event.
    return (node.progressAgeMs ?? 0) > policy.replacementDeadlineMs
      ? refuse(context, 'replacement-late', reason, [])
      : rest(context, 'replaced', reason, RETRY_MS);
  });
}

/** A controller needs a moment to make new pods: before it has passed, none missing means nothing. */
const MAKING_PODS_MS = 500;

/** Until the next look at the moved pods; 0 when nobody has to be waited for. */
function waitForMoved({ moving }: NodeFacts, atMostMs: number): number {
  if (moving === undefined || moving.sinceMs >= atMostMs || moving.unschedulable > 0) return 0;
  if (moving.sinceMs < MAKING_PODS_MS) return Math.ceil(Math.min(MAKING_PODS_MS, atMostMs) - moving.sinceMs);
  return moving.unready > 0 ? MAKING_PODS_MS : 0;
}

function aliveSince({ kubelet }: NodeFacts, agoMs: number): boolean {
  return kubelet.failuresInRow === 0 && kubelet.answeredAgoMs !== undefined && kubelet.answeredAgoMs < agoMs;
}

function poweredOnAgain(context: Context): NodePlan {
  return refuse(context, 'powered-on-again', 'the kubelet answers again after its machine was fenced', []);
}

/** Deletes what has to go, and asks for the step after it when nothing is left. */
function movePods(context: Context, rule: string, reason: string, then: () => NodePlan): NodePlan {
  const { node } = context;
  if (node.live && node.pods !== undefined) {
    const remaining = node.pods.filter((pod) => pod.stays === undefined && !pod.forced);
    if (remaining.length === 0) return then();
    return act(context, 'always', rule, reason, { kind: 'evacuate', pods: remaining });
  }
  return look(context, rule);
}

/** The plan for a node that answers again: call the treatment off once it did so for long enough. */
function backToLife(context: Context): NodePlan | undefined {
  const { node, assessment, policy } = context;
  if (assessment.health !== 'healthy' && assessment.health !== 'not-ready') return undefined;
  const leftMs = policy.aliveForMs - (node.kubelet.answeringForMs ?? 0);
  if (leftMs > 0) return rest(context, 'answers-again', 'the kubelet answers again', leftMs);
  return act(context, 'always', 'recovered-by-itself', 'the kubelet answers again', {
    kind: 'cancel',
    outcome: 'recovered',
  });
}

function act(context: Context, point: Guard['when'], rule: string, reason: string, step: NodeStep): NodePlan {
  const { node, fleet, self, policy, assessment } = context;
  const guards = askGuards(context.guards, point, { node, fleet, self, policy, assessment });
  if (guards.some((each) => !each.ok)) return refuse(context, rule, reason, guards);
  if (!node.live) return { ...look(context, rule), guards };
  return { assessment, step, verdict: 'act', rule, reason, guards, afterMs: 0 };
}

function look({ assessment }: Context, rule: string): NodePlan {
  const reason = 'reading live before acting';
  return { assessment, step: { kind: 'look' }, verdict: 'look', rule, reason, guards: [], afterMs: 0 };
}

function refuse(context: Context, rule: string, reason: string, guards: readonly GuardResult[]): NodePlan {
  const { fleet, policy, assessment } = context;
  const coolingMs = policy.coolDownMs - (fleet.endedAgoMs ?? Infinity) + 1;
  const afterMs = coolingMs > 0 ? Math.min(RETRY_MS, coolingMs) : RETRY_MS;
  return { assessment, step: { kind: 'rest' }, verdict: 'refused', rule, reason, guards, afterMs };
}

function rest({ assessment, policy }: Context, rule: string, reason: string, waitMs = Infinity): NodePlan {
  const afterMs = Math.max(1, Math.min(policy.resyncMs, assessment.nextMs ?? Infinity, waitMs));
  return { assessment, step: { kind: 'rest' }, verdict: 'rest', rule, reason, guards: [], afterMs };
}
