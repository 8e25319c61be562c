import { given } from '../../harness/core/given.ts';
import { act, refuse, rest, type NodePlan, type PlanContext } from './plan-answer.ts';
import { backToLife } from './plan-until-off.ts';
import { CUT_OFF_RULE, type Phase } from './remediation.ts';

/** The plan for a node that no treatment is recorded on. */
export function planUntreated(context: PlanContext): NodePlan {
  const { assessment } = context;
  switch (assessment.health) {
    case 'healthy':
    case 'recovering':
    case 'starting':
    case 'unasked':
    case 'suspect':
      return rest(context, assessment.health, assessment.because);
    case 'cut-off': {
      const plan = begin(context, CUT_OFF_RULE, 'cordoned', 'cordon');
      // Whoever has to wait for the cordon hears of it all the same.
      return plan.verdict === 'refused' ? refuseCutOff(context) : plan;
    }
    case 'unwitnessed':
      return refuse(context, 'unwitnessed', `${assessment.because}: a person is needed`, []);
    case 'silent':
      return planSilent(context);
    case 'not-ready':
      return begin(context, 'node-not-ready', 'draining');
  }
}

/** A node that is cut off keeps its cordon as long as it is so; one that falls silent then is treated like any other. */
export function planCutOff(context: PlanContext): NodePlan {
  const { assessment } = context;
  const back = backToLife(context);
  if (back !== undefined) return back;
  if (assessment.health === 'silent') return planSilent(context);
  if (assessment.health === 'cut-off') return refuseCutOff(context);
  return rest(context, 'cordoned', assessment.because);
}

function refuseCutOff(context: PlanContext): NodePlan {
  const reason = `${context.assessment.because}; an answering kubelet is never fenced`;
  return refuse(context, 'cut-off', reason, []);
}

function planSilent(context: PlanContext): NodePlan {
  const { assessment, self, node, policy } = context;
  const leftMs = policy.cordonedSilentMs - (node.kubelet.silentForMs ?? 0);
  if (node.unschedulable && node.remediation?.cordonOurs !== true && leftMs > 0)
    return rest(context, 'may-reboot', `${assessment.because}; a person has cordoned it`, leftMs);
  return begin(context, 'node-silent', self.machineInterface ? 'fencing' : 'cordoned');
}

function begin(
  context: PlanContext,
  rule: string,
  phase: Phase,
  kind: 'begin' | 'cordon' = 'begin',
): NodePlan {
  const { assessment, node, fleet } = context;
  const before = node.remediation;
  const isTaintForeign = before === undefined ? node.outOfServiceTaint : before.taintForeign === true;
  return act(context, 'begin', rule, assessment.because, {
    kind,
    remediation: {
      attempt: before?.attempt ?? fleet.attempt,
      phase,
      cordonOurs: before?.cordonOurs ?? !node.unschedulable,
      ...(isTaintForeign ? { taintForeign: true } : {}),
      ...given({ zoneLoss: fleet.zoneLoss }),
      rule,
    },
  });
}
