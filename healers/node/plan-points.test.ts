import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTEMPT, calmFleet, healthyNode, pod, policy, self, treated } from '../testing/facts.ts';
import type { Guard } from '../safety/guards.ts';
import type { Assessment } from './assess.ts';
import type { NodeFacts } from './facts.ts';
import {
  act,
  look,
  refuse,
  rest,
  restUntilAlive,
  untilAlive,
  type NodePlan,
  type PlanContext,
} from './plan-answer.ts';
import { backToLife, nextToDrain, planCordoned, planDraining, planFencing } from './plan-until-off.ts';
import type { NodeRemediation } from './remediation.ts';

/** One guard of each reach; which of them were asked shows how far a step goes. */
const guards = (['give-back', 'always', 'before-fence', 'begin'] as const).map((when): Guard => ({
  name: when,
  when,
  check: () => undefined,
}));

interface Given extends Partial<Omit<PlanContext, 'node' | 'assessment' | 'policy'>> {
  readonly node?: Partial<NodeFacts>;
  readonly found?: Partial<Assessment>;
  readonly policy?: Partial<PlanContext['policy']>;
}

/** Alone the assessment is made up: what a step rests on is one thing, what is done on it another. */
function context({ node, found, policy: more, ...rest }: Given): PlanContext {
  const assessment = {
    health: 'silent',
    because: 'why',
    probeEveryMs: 5000,
    askStandby: false,
    askWitnesses: false,
    ...found,
  } as const;
  const facts = { ...healthyNode, recordedForMs: 60_000, ...node };
  return { fleet: calmFleet, self, guards, assessment, node: facts, policy: { ...policy, ...more }, ...rest };
}

/** A plan in one line: what is done when, by which rule, and the reach of the guards that were asked. */
function line(plan: NodePlan | undefined): string {
  if (plan === undefined) return 'nothing';
  const { step, verdict, rule, reason, afterMs } = plan;
  const done = verdict === 'act' ? `${step.kind} as far as ${plan.guards.at(-1)?.guard ?? ''}` : verdict;
  return `${done} by ${rule} in ${afterMs}: ${reason}`;
}

const answering = (forMs: number, agoMs = 10) => ({
  kubelet: { failuresInRow: 0, answeredAgoMs: agoMs, answeringForMs: forMs },
});
const alone = { ...self, machineInterface: false };
const signals = { withoutMachine: 'two-signals' } as const;
const standby = (ageMs: number, says: 'silent' | 'alive' = 'silent') => ({ standby: { says, ageMs } });
const leaving = (graceLeftMs: number, more = {}) =>
  pod('leaving', { terminating: true, graceLeftMs, ...more });
const record = (more: Partial<NodeRemediation> = {}): NodeRemediation => {
  const { remediation } = treated('fencing', more);
  assert.ok(remediation);
  return remediation;
};
const fencing = (of: Given, more: Partial<NodeRemediation> = {}) => planFencing(context(of), record(more));

function withoutLease(leaseLostMs: number): PlanContext {
  const of = context({ self: alone, policy: { ...signals, leaseLostMs }, node: standby(0) });
  const { leaseAgeMs, ...node } = of.node;
  assert.notEqual(leaseAgeMs, undefined);
  return { ...of, node };
}

const LINES: Readonly<Record<string, readonly (readonly [NodePlan | undefined, string])[]>> = {
  cordoned: [
    [
      planCordoned(context({})),
      'advance as far as before-fence by machine-interface-back in 0: the machine interface is there now',
    ],
    [planCordoned(context({ found: { health: 'suspect' } })), 'rest by cordoned in 30000: why'],
    [
      planCordoned(context({ found: { health: 'healthy' }, node: answering(2000) })),
      'cancel as far as give-back by recovered-by-itself in 0: the kubelet answers again',
    ],
    [
      planCordoned(context({ self: alone })),
      'refused by no-machine-interface in 1000: cordoned; nothing proves that the machine is off: a person is needed',
    ],
    [
      planCordoned(
        context({
          self: alone,
          policy: signals,
          node: { ...standby(3000), leaseAgeMs: 30_001, pods: [pod('a')] },
        }),
      ),
      'evacuate as far as always by two-signals in 0: by policy: lease lost and silent for two healers',
    ],
    [
      planCordoned(
        context({ self: alone, policy: signals, node: { ...standby(3000), leaseAgeMs: 30_001, pods: [] } }),
      ),
      'rest by two-signals in 30000: pods moved by policy; the machine needs a person',
    ],
    [
      planCordoned(context({ self: alone, policy: signals, node: { ...standby(3001), leaseAgeMs: 30_001 } })),
      'rest by two-signals in 1: waiting for two independent signals: a lost lease and the other healer',
    ],
    [
      planCordoned(
        context({ self: alone, policy: signals, node: { ...standby(0, 'alive'), leaseAgeMs: 30_001 } }),
      ),
      'rest by two-signals in 1: waiting for two independent signals: a lost lease and the other healer',
    ],
    [
      planCordoned(context({ self: alone, policy: signals, node: { leaseAgeMs: 30_001 } })),
      'rest by two-signals in 1: waiting for two independent signals: a lost lease and the other healer',
    ],
    [
      planCordoned(context({ self: alone, policy: signals, node: { ...standby(0), leaseAgeMs: 30_000 } })),
      'rest by two-signals in 1: waiting for two independent signals: a lost lease and the other healer',
    ],
    [
      planCordoned(context({ self: alone, policy: signals, node: { ...standby(0), leaseAgeMs: 29_500 } })),
      'rest by two-signals in 501: waiting for two independent signals: a lost lease and the other healer',
    ],
    [
      planCordoned(context({ self: alone, policy: { ...signals, leaseLostMs: 500 }, node: standby(0) })),
      'look by two-signals in 0: reading live before acting',
    ],
    [
      planCordoned(withoutLease(500)),
      'rest by two-signals in 501: waiting for two independent signals: a lost lease and the other healer',
    ],
  ],
  draining: [
    [
      planDraining(context({ found: { health: 'healthy' }, node: answering(2000) })),
      'cancel as far as give-back by recovered-by-itself in 0: the kubelet answers again',
    ],
    [
      planDraining(context({ found: { health: 'healthy' }, node: answering(1500) })),
      'rest by answers-again in 500: the kubelet answers again',
    ],
    [
      planDraining(context({ found: { health: 'recovering' }, node: { notReadyForMs: 9000 } })),
      'rest by flapping in 30000: why',
    ],
    [
      planDraining(context({ found: { health: 'not-ready' }, node: { notReadyForMs: 2000 } })),
      'rest by flapping in 1000: why',
    ],
    [
      planDraining(context({ found: { health: 'not-ready' }, node: { notReadyForMs: 2999 } })),
      'rest by flapping in 1: why',
    ],
    [
      planDraining(
        context({ found: { health: 'not-ready' }, node: { notReadyForMs: 3000, pods: [pod('a')] } }),
      ),
      'drain as far as before-fence by drain in 500: why',
    ],
    [
      planDraining(context({ found: { health: 'not-ready' }, node: { pods: [pod('a')] } })),
      'drain as far as before-fence by drain in 500: why',
    ],
    [
      planDraining(context({ found: { health: 'not-ready' }, node: { live: false } })),
      'look by drain in 0: reading live before acting',
    ],
    [
      planDraining(context({ found: { health: 'not-ready' }, node: {} })),
      'rest by drain in 500: waiting for evicted pods to go',
    ],
    [
      planDraining(
        context({ found: { health: 'not-ready' }, policy: { drainDeadlineMs: 1 }, node: { pods: [] } }),
      ),
      'rest by drain in 1: waiting for evicted pods to go',
    ],
    [
      planDraining(
        context({ found: { health: 'not-ready' }, policy: { drainDeadlineMs: 100 }, node: { pods: [] } }),
      ),
      'rest by drain in 100: waiting for evicted pods to go',
    ],
    [
      planDraining(
        context({ found: { health: 'not-ready' }, node: { remediationAgeMs: 29_999, pods: [pod('a')] } }),
      ),
      'drain as far as before-fence by drain in 1: why',
    ],
    [
      planDraining(
        context({ found: { health: 'not-ready' }, node: { remediationAgeMs: 30_000, pods: [pod('a')] } }),
      ),
      'advance as far as before-fence by drain-deadline in 0: not Ready, and not drained within 30000 ms and the grace of its pods',
    ],
    [
      planDraining(
        context({
          found: { health: 'not-ready' },
          node: { remediationAgeMs: 30_000, pods: [pod('a'), leaving(200), leaving(300)] },
        }),
      ),
      'drain as far as before-fence by drain in 300: why',
    ],
    [
      planDraining(
        context({
          found: { health: 'not-ready' },
          node: { remediationAgeMs: 30_000, pods: [leaving(9000)] },
        }),
      ),
      'rest by drain in 500: waiting for evicted pods to go',
    ],
    [
      planDraining(
        context({
          found: { health: 'not-ready' },
          node: { remediationAgeMs: 30_000, pods: [leaving(9000, { stays: 'mirror' })] },
        }),
      ),
      'advance as far as before-fence by drain-deadline in 0: not Ready, and not drained within 30000 ms and the grace of its pods',
    ],
    [
      planDraining(
        context({
          found: { health: 'not-ready' },
          node: { remediationAgeMs: 629_999, pods: [leaving(900_000)] },
        }),
      ),
      'rest by drain in 1: waiting for evicted pods to go',
    ],
    [
      planDraining(
        context({
          found: { health: 'not-ready' },
          node: { remediationAgeMs: 630_000, pods: [leaving(900_000)] },
        }),
      ),
      'advance as far as before-fence by drain-deadline in 0: not Ready, and not drained within 30000 ms and the grace of its pods',
    ],
    [
      planDraining(
        context({ found: { health: 'not-ready' }, self: alone, node: { remediationAgeMs: 30_000 } }),
      ),
      'refused by no-machine-interface in 1000: not Ready, and not drained within 30000 ms and the grace of its pods; nothing can fence it',
    ],
    [
      planDraining(
        context({
          found: { health: 'not-ready' },
          policy: { fenceAfterDrain: false },
          node: { remediationAgeMs: 30_000 },
        }),
      ),
      'refused by drain-deadline in 1000: not Ready, and not drained within 30000 ms and the grace of its pods; policy forbids fencing a node that answers',
    ],
    [
      planDraining(context({ policy: { fenceAfterDrain: false } })),
      'advance as far as before-fence by node-silent in 0: why',
    ],
    [
      planDraining(context({ self: alone })),
      'refused by no-machine-interface in 1000: why; nothing can fence it',
    ],
    [
      planDraining(
        context({ found: { health: 'not-ready' }, node: { pods: [pod('a')], retriesInMs: { drain: 70 } } }),
      ),
      'later by drain in 70: why; drain has failed and is tried again',
    ],
  ],
  fencing: [
    [fencing({}), 'fence as far as before-fence by fence in 0: why'],
    [fencing({ self: alone }), 'refused by no-machine-interface in 1000: nothing can fence the machine'],
    [fencing({ node: { fence: { attempt: ATTEMPT } } }), 'fence as far as before-fence by fence in 0: why'],
    [
      fencing({ node: { pods: [], fence: { attempt: ATTEMPT, provedAgoMs: 50 } } }),
      'advance as far as always by evacuated in 0: no pod is left that has to go',
    ],
    [
      fencing({ node: { pods: [], fence: { attempt: 'another', provedAgoMs: 50 } } }),
      'fence as far as before-fence by fence in 0: why',
    ],
    [fencing({ policy: { budgetPerNode: 1 } }), 'fence as far as before-fence by fence in 0: why'],
    [fencing({}, { voided: 2 }), 'fence as far as before-fence by fence in 0: why'],
    [
      fencing({}, { voided: 3 }),
      'refused by powered-on-again in 1000: on again after each of 3 power-offs: a person is needed',
    ],
    [fencing({ found: { health: 'suspect' } }), 'rest by fencing in 30000: why'],
    [
      fencing({ found: { health: 'recovering' }, node: answering(2000) }),
      'cancel as far as give-back by recovered-by-itself in 0: the kubelet answers again',
    ],
    [
      fencing({ found: { health: 'recovering' } }, { rule: 'node-not-ready' }),
      'rest by flapping in 30000: why',
    ],
    [
      fencing({ found: { health: 'healthy' }, node: answering(2000) }, { rule: 'node-not-ready' }),
      'cancel as far as give-back by recovered-by-itself in 0: the kubelet answers again',
    ],
    [
      fencing({ found: { health: 'not-ready' }, node: answering(2000) }, { rule: 'node-not-ready' }),
      'fence as far as before-fence by fence in 0: why',
    ],
    [
      fencing({ found: { health: 'suspect' } }, { rule: 'node-not-ready' }),
      'fence as far as before-fence by fence in 0: why',
    ],
  ],
  'back to life': [
    [
      backToLife(context({ found: { health: 'healthy' }, node: answering(2000) })),
      'cancel as far as give-back by recovered-by-itself in 0: the kubelet answers again',
    ],
    [
      backToLife(context({ found: { health: 'recovering' }, node: answering(1999) })),
      'rest by answers-again in 1: the kubelet answers again',
    ],
    [
      backToLife(context({ found: { health: 'not-ready' }, node: answering(0) })),
      'rest by answers-again in 2000: the kubelet answers again',
    ],
    [backToLife(context({ found: { health: 'suspect' }, node: answering(9000) })), 'nothing'],
  ],
  answers: [
    [
      act(context({}), 'always', 'rule', 'reason', { kind: 'forget' }),
      'forget as far as always by rule in 0: reason',
    ],
    [
      act(context({ node: { live: false } }), 'always', 'rule', 'reason', { kind: 'forget' }),
      'look by rule in 0: reading live before acting',
    ],
    [
      act(context({ node: { retriesInMs: { forget: 1 } } }), 'always', 'rule', 'reason', { kind: 'forget' }),
      'later by rule in 1: reason; forget has failed and is tried again',
    ],
    [
      act(context({ node: { live: false, retriesInMs: { forget: 1 } } }), 'always', 'rule', 'reason', {
        kind: 'forget',
      }),
      'later by rule in 1: reason; forget has failed and is tried again',
    ],
    [
      act(context({ node: { retriesInMs: { forget: 0 } } }), 'always', 'rule', 'reason', { kind: 'forget' }),
      'forget as far as always by rule in 0: reason',
    ],
    [
      act(context({ node: { live: false, retriesInMs: { look: 90 } } }), 'always', 'rule', 'reason', {
        kind: 'forget',
      }),
      'later by rule in 90: reading live before acting; look has failed and is tried again',
    ],
    [
      look(context({ node: { retriesInMs: { forget: 90 } } }), 'rule'),
      'look by rule in 0: reading live before acting',
    ],
    [refuse(context({}), 'rule', 'reason', []), 'refused by rule in 1000: reason'],
    [
      refuse(context({ fleet: { ...calmFleet, endedAgoMs: 9500 } }), 'rule', 'reason', []),
      'refused by rule in 501: reason',
    ],
    [
      refuse(context({ fleet: { ...calmFleet, endedAgoMs: 10_000 } }), 'rule', 'reason', []),
      'refused by rule in 1: reason',
    ],
    [
      refuse(context({ fleet: { ...calmFleet, endedAgoMs: 10_001 } }), 'rule', 'reason', []),
      'refused by rule in 1000: reason',
    ],
    [
      refuse(context({ fleet: { ...calmFleet, endedAgoMs: 0 } }), 'rule', 'reason', []),
      'refused by rule in 1000: reason',
    ],
    [rest(context({}), 'rule', 'reason'), 'rest by rule in 30000: reason'],
    [rest(context({}), 'rule', 'reason', 0), 'rest by rule in 1: reason'],
    [rest(context({ found: { nextMs: 90 } }), 'rule', 'reason', 200), 'rest by rule in 90: reason'],
  ],
};

for (const [of, lines] of Object.entries(LINES))
  test(`what is done when, by which rule and past which guards: ${of}`, () => {
    for (const [plan, said] of lines) assert.equal(line(plan), said);
  });

test('who is to be asked of two signals is asked', () => {
  const plan = planCordoned(context({ self: alone, policy: signals }));
  assert.equal(plan.assessment.askStandby, true);
});

test('one guard that refuses keeps the step from being done, and all that were asked are told', () => {
  const refusing: readonly Guard[] = guards.map((guard) =>
    guard.name === 'always' ? { ...guard, check: () => 'not now' } : guard,
  );
  const {
    verdict,
    step,
    guards: asked,
  } = act(context({ guards: refusing }), 'before-fence', 'rule', 'why', { kind: 'forget' });
  assert.deepEqual([verdict, step.kind], ['refused', 'rest']);
  assert.deepEqual(
    asked.map(({ guard, ok }) => `${guard} ${String(ok)}`),
    ['give-back true', 'always false', 'before-fence true'],
  );
});

test('a step that has to be looked at first, or has failed, keeps the answers of its guards', () => {
  for (const node of [{ live: false }, { retriesInMs: { forget: 9 } }])
    assert.equal(act(context({ node }), 'always', 'rule', 'why', { kind: 'forget' }).guards.length, 2);
});

test('a kubelet lives once it has answered for two seconds since the record is known', () => {
  const left = (kubelet: Partial<NodeFacts['kubelet']>, recordedForMs?: number): number => {
    const of = context({ node: { kubelet: { failuresInRow: 0, ...kubelet } } });
    const { recordedForMs: known, ...node } = of.node;
    assert.notEqual(known, undefined);
    return untilAlive({ ...of, node: recordedForMs === undefined ? node : { ...node, recordedForMs } });
  };
  const heard = { answeredAgoMs: 10, answeringForMs: 5000 };
  assert.equal(left(heard, 5000), 0);
  assert.equal(left(heard, 2000), 0);
  assert.equal(left({ ...heard, answeringForMs: 1500 }, 5000), 500);
  assert.equal(left(heard, 1500), 500);
  assert.equal(left(heard), 2000);
  assert.equal(left({ answeredAgoMs: 10 }, 5000), 2000);
  // An answer of before the record is none: it is asked soon.
  assert.equal(left({ ...heard, answeredAgoMs: 3000 }, 3000), 200);
  assert.equal(left({ ...heard, answeredAgoMs: 2999 }, 3000), 0);
  assert.equal(left({ answeringForMs: 5000 }, 3000), 200);
});

test('a kubelet that begins to answer is asked often, and no less often than before', () => {
  for (const [before, after] of [
    [5000, 500],
    [200, 200],
  ] as const) {
    const plan = restUntilAlive(context({ found: { probeEveryMs: before } }), 'rule', 'why', 700);
    assert.deepEqual([plan.assessment.probeEveryMs, plan.afterMs, plan.verdict], [after, 700, 'rest']);
  }
});

test('failing pods go at once, then one after the other, those that a budget protects last; others stay', () => {
  const names = (...pods: Parameters<typeof nextToDrain>[0]) => nextToDrain(pods).map(({ name }) => name);
  const [a, b] = [pod('a'), pod('b')];
  const stay = [pod('s', { stays: 'mirror' }), pod('c', { critical: true }), pod('t', { terminating: true })];
  const failing = [pod('f', { failing: true }), pod('g', { failing: true })];
  const protectedOnes = [pod('p', { refused: 'needs 2' }), pod('q', { refused: 'needs 2' })];
  assert.deepEqual(names(...stay), []);
  assert.deepEqual(names(...stay, a, b), ['a']);
  assert.deepEqual(names(...protectedOnes, b), ['b']);
  assert.deepEqual(names(...protectedOnes), ['p']);
  assert.deepEqual(names(a, ...failing, b), ['f', 'g', 'a']);
  assert.deepEqual(names(...failing), ['f', 'g']);
});
