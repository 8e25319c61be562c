import type { PathReport } from '../incident/report.ts';
import { isTurn } from '../safety/guards.ts';
import type { Health } from './assess.ts';
import type { NodeFacts, PodFacts } from './facts.ts';
import { ZONE_GUARD } from './guards.ts';
import type { NodePlan, NodeStep } from './plan-answer.ts';

const STANDINGS: Readonly<Record<Health, PathReport['standing']>> = {
  unasked: 'calm',
  healthy: 'healthy',
  recovering: 'calm',
  starting: 'calm',
  suspect: 'suspected',
  silent: 'detected',
  'not-ready': 'detected',
  'cut-off': 'detected',
  unwitnessed: 'detected',
};

/** What is to be told of a node and of the plan for it. */
export function accountOf(facts: NodeFacts, plan: NodePlan): PathReport {
  const { health, because } = plan.assessment;
  const { step, rule, reason, guards } = plan;
  const failing = guards.filter((each) => !each.ok);
  const ofNote = failing.filter(({ guard }) => !isTurn(guard) && guard !== ZONE_GUARD);
  const waits = failing.length > 0 && failing.every(({ guard }) => isTurn(guard));
  // Whoever has marked the node knows of it.
  const isForeign = facts.foreignMarker?.rule.startsWith('foreign-') === true;
  const reasons = isForeign ? [] : failing.length === 0 ? [rule] : ofNote.map(({ guard }) => guard);
  return {
    subject: { apiVersion: 'v1', kind: 'Node', name: facts.name, uid: facts.uid },
    attempt: facts.remediation?.attempt,
    incident: ('remediation' in step ? step.remediation : facts.remediation)?.zoneLoss,
    standing: STANDINGS[health],
    health,
    because,
    observation: observationOf(facts),
    rule,
    reason,
    guards,
    refusal: plan.verdict === 'refused' ? { reasons, waits } : undefined,
    step: step.kind,
    lost: 'pods' in step ? step.pods.filter(({ owner }) => owner === undefined).map(nameOf) : [],
    durable: step.kind === 'begin' || step.kind === 'cordon' || step.kind === 'fence',
    effect: effectOf(step),
  };
}

const nameOf = ({ namespace, name }: PodFacts): string => `${namespace}/${name}`;

function effectOf(step: NodeStep): PathReport['effect'] {
  switch (step.kind) {
    case 'begin':
    case 'cordon':
      return 'begins';
    case 'retire':
      return 'retires';
    case 'cancel':
      return step.outcome === 'recovered' || step.outcome === 'reimaged' ? 'recovers' : 'withdraws';
    default:
      return 'goes-on';
  }
}

function observationOf(facts: NodeFacts): Readonly<Record<string, unknown>> {
  return {
    uid: facts.uid,
    ready: facts.ready,
    kubelet: facts.kubelet,
    machine: facts.machine,
    leaseAgeMs: facts.leaseAgeMs,
    leaseDurationMs: facts.leaseDurationMs,
    standby: facts.standby,
    witnesses: facts.witnesses,
    phase: facts.remediation?.phase,
    live: facts.live,
  };
}
