import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calmFleet, deadNode, healthyNode, policy, self, treated } from '../testing/facts.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import type { AuditRecord } from '../runtime/audit-chain.ts';
import type { FleetFacts } from '../safety/guards.ts';
import { Remediations } from '../incident/remediations.ts';
import type { StepResult } from '../incident/report.ts';
import { accountOf } from './account.ts';
import type { NodeFacts } from './facts.ts';
import { planNode } from './plan.ts';
import type { NodePlan } from './plan-answer.ts';

function recorder(observeOnly = false) {
  const clock = new SimClock();
  const lines: string[] = [];
  const events: string[] = [];
  const notes: string[] = [];
  const figures: string[] = [];
  const durable: string[] = [];
  const remediations = new Remediations(
    {
      record: (record: AuditRecord, options) => {
        lines.push(`${record.event} ${record.detail}`);
        if (options?.durable === true) durable.push(record.event);
        return undefined;
      },
    },
    clock,
    {
      event: ({ type, reason }) => events.push(`${type} ${reason}`),
      notify: (incident, severity) => notes.push(`${severity} ${incident}`),
      measure: {
        refusal: (reason) => figures.push(`refusal ${reason}`),
        decision: (rule) => figures.push(`decision ${rule}`),
        action: (action, ok) => figures.push(`action ${action} ${ok}`),
        stage: (stage, durationMs) => figures.push(`${stage} ${durationMs}`),
      },
    },
    observeOnly,
  );
  const plan = (node: NodeFacts, fleet: Partial<FleetFacts> = {}) => {
    const planned = planNode(node, { ...calmFleet, ...fleet }, self, policy);
    remediations.planned(accountOf(node, planned));
    return planned;
  };
  const made = {
    decided: (node: NodeFacts, planned: NodePlan) => remediations.decided(accountOf(node, planned)),
    acted: (node: NodeFacts, planned: NodePlan, deed: StepResult) =>
      remediations.acted(accountOf(node, planned), deed),
    failed: (node: NodeFacts, planned: NodePlan, error: string) =>
      remediations.failed(accountOf(node, planned), error),
    gone: ({ name, uid }: NodeFacts) => remediations.gone({ kind: 'Node', name, uid }),
  };
  return { clock, lines, events, notes, figures, durable, made, plan };
}

test('a healthy node is worth no line', () => {
  const { plan, lines } = recorder();
  plan(healthyNode);
  plan({ ...healthyNode, kubelet: { failuresInRow: 0 } });
  assert.deepEqual(lines, []);
});

test('an incident tells suspicion, detection and recovery once each, with their times', async () => {
  const { plan, lines, figures, clock } = recorder();
  const missed = { ...healthyNode, kubelet: { failuresInRow: 1, silentForMs: 500 } };
  plan(missed);
  plan(missed);
  await clock.runUntil(1400);
  plan({ ...deadNode, live: false });
  plan(missed);
  plan({ ...deadNode, live: false });
  await clock.runUntil(2000);
  plan(healthyNode);
  plan(healthyNode);
  assert.deepEqual(lines, [
    'suspected the kubelet missed 1 of 3',
    'detected machine is off, kubelet silent',
    'recovered answers again, nothing was done',
  ]);
  assert.deepEqual(figures, ['detect 1400']);
});

test('a refusal is told once, as line, Event, figure and page; it is resolved with the incident', () => {
  const { plan, lines, events, notes, figures } = recorder();
  for (let time = 0; time < 3; time++) plan(deadNode, { unhealthy: 3 });
  plan(deadNode, { unhealthy: 3, suspended: 'most leases are stale' });
  plan(healthyNode);
  assert.deepEqual(
    lines.filter((line) => line.startsWith('refused')).map((line) => line.slice(0, 41)),
    ['refused minimum-healthy: 1 of 4 nodes are', 'refused suspended: most leases are stale;'],
  );
  assert.deepEqual(events, ['Warning RemediationRefused', 'Warning RemediationRefused']);
  assert.deepEqual(
    figures.filter((each) => each.startsWith('refusal')),
    ['refusal minimum-healthy', 'refusal suspended', 'refusal minimum-healthy'],
  );
  assert.deepEqual(notes, [
    `critical refused-${deadNode.uid}`,
    `critical refused-${deadNode.uid}`,
    `resolved refused-${deadNode.uid}`,
  ]);
});

test("waiting for one's turn wakes nobody", () => {
  const { plan, lines, notes } = recorder();
  plan(deadNode, { inFlight: [{ node: 'node-2', zone: 'zone-2' }] });
  plan(deadNode, { endedAgoMs: 1 });
  assert.equal(lines.filter((line) => line.startsWith('refused')).length, 2);
  assert.deepEqual(notes, []);
});

test('what is about to be done is on disk before it is done', () => {
  const { made, plan, durable } = recorder();
  made.decided(deadNode, plan(deadNode));
  assert.deepEqual(durable, ['decided']);
});

test('an action that fails again and again is told once', () => {
  const { made, plan, lines } = recorder();
  const node = { ...deadNode, ...treated('fencing') };
  const planned = plan(node);
  for (let time = 0; time < 5; time++) made.failed(node, planned, 'machines.throttled');
  assert.equal(lines.filter((line) => line.includes('fence failed')).length, 1);
});

test('in observe mode nothing is told as done', () => {
  const { made, plan, lines, events } = recorder(true);
  const planned = plan(deadNode);
  made.acted(deadNode, planned, { action: 'Cordon', result: 'cordoned', attempt: 'a' });
  assert.ok(lines.includes('decided would do: Cordon: cordoned'));
  assert.ok(!lines.some((line) => line.startsWith('acted')));
  assert.deepEqual(events, ['Normal NodeCordon']);
});

test('the deletion that we are carrying out ourselves is not told as somebody else’s', () => {
  const { made, plan, lines } = recorder();
  const node = {
    ...deadNode,
    ...treated('replaced', { replacement: 'node-9' }),
    fence: { attempt: 'node-1.11111111.1', provedAgoMs: 10 },
    replacement: { present: true, ready: true },
    pods: [],
  };
  const planned = plan(node);
  made.decided(node, planned);
  made.gone(node);
  made.acted(node, planned, { action: 'DeleteNode', result: 'replaced by node-9', attempt: 'a' });
  assert.deepEqual(
    lines.filter((line) => line.startsWith('recovered')),
    ['recovered replaced by node-9'],
  );
});

test('a node that somebody else deletes ends its incident', () => {
  const { made, plan, lines } = recorder();
  plan(deadNode);
  made.gone(deadNode);
  assert.equal(lines.at(-1), 'recovered the node was deleted');
});
