import { assess } from './assess.ts';
import type { FleetFacts, SelfFacts } from '../safety/guards.ts';
import type { NodeFacts } from './facts.ts';
import { GUARDS, type NodeGuard } from './guards.ts';
import { act, refuse, type NodePlan, type PlanContext } from './plan-answer.ts';
import { planReplacing } from './plan-off.ts';
import { isBack, planCordoned, planDraining, planFencing } from './plan-until-off.ts';
import { forLease } from './lease-policy.ts';
import { planCutOff, planUntreated } from './plan-untreated.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { CUT_OFF_RULE, fencingName, type NodeRemediation } from './remediation.ts';

/** Decides the next step for one node. Pure: everything it knows is passed in. */
export function planNode(
  node: NodeFacts,
  fleet: FleetFacts,
  self: SelfFacts,
  policy: NodePolicy,
  guards: readonly NodeGuard[] = GUARDS,
): NodePlan {
  const assessment = assess(node, self, policy);
  const context = { node, fleet, self, policy: forLease(policy, node.leaseDurationMs), guards, assessment };
  if (node.remediation === undefined) return planUntreated(context);
  return planTreatment(context, node.remediation);
}

function planTreatment(context: PlanContext, remediation: NodeRemediation): NodePlan {
  const { node, assessment } = context;
  if (remediation.phase === 'cancelled') {
    return assessment.health === 'healthy'
      ? act(
          context,
          'always',
          'forget',
          'the node is healthy again, the record of the cancelled treatment goes',
          { kind: 'forget' },
        )
      : refuse(
          context,
          'cancelled',
          'a person took this node over; no treatment until it was healthy again',
          [],
        );
  }
  if (remediation.cordonOurs && (!node.unschedulable || node.cordonLifted === true)) {
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
  if (node.foreignMarker !== undefined && !fenceAsked(node, remediation)) {
    // An open treatment keeps others waiting; one that may never go on must not. A node that answers gets back its own also while healing is suspended.
    return act(
      context,
      isBack(context) ? 'give-back' : 'always',
      'withdrawn',
      `the treatment ends before the machine was touched: ${node.foreignMarker.detail}`,
      {
        kind: 'cancel',
        outcome: 'withdrawn',
      },
    );
  }
  const isBeforeProof = remediation.phase !== 'replacing' && remediation.phase !== 'replaced';
  if (assessment.health === 'unwitnessed' && isBeforeProof && node.fence?.provedAgoMs === undefined)
    return refuse(context, 'unwitnessed', `${assessment.because}: a person is needed`, []);
  switch (remediation.phase) {
    case 'cordoned':
      return remediation.rule === CUT_OFF_RULE ? planCutOff(context) : planCordoned(context);
    case 'draining':
      return planDraining(context);
    case 'fencing':
      return planFencing(context, remediation);
    case 'replacing':
    case 'replaced':
      return planReplacing(context, remediation);
  }
}

/** Whether the machine interface was asked to power the machine off, as far as this process knows. */
function fenceAsked(node: NodeFacts, remediation: NodeRemediation): boolean {
  const before =
    remediation.phase === 'cordoned' || remediation.phase === 'draining' || remediation.phase === 'fencing';
  return !before || node.fence?.attempt === fencingName(remediation);
}
