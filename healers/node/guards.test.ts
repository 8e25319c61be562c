import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTEMPT, calmFleet, deadNode, healthyNode, policy, self, treated } from '../testing/facts.ts';
import type { FleetFacts, SelfFacts } from '../safety/guards.ts';
import type { NodeFacts } from './facts.ts';
import { GUARDS } from './guards.ts';
import { planNode } from './plan.ts';
import type { NodePolicy } from '../policy/node-policy.ts';

interface Refusal {
  readonly node?: Partial<NodeFacts>;
  readonly fleet?: Partial<FleetFacts>;
  readonly self?: Partial<SelfFacts>;
  readonly policy?: Partial<NodePolicy>;
  /** The neighbouring value at which the guard consents. */
  readonly consent: Omit<Refusal, 'consent'>;
}

const maintenanceUntil = (end: string) =>
  ({
    kind: 'span',
    name: 'patching',
    fromWallMs: Date.parse('2026-11-22T11:00:00Z'),
    toWallMs: Date.parse(end),
  }) as const;

/** For each guard a cluster in which it, and no other, stands between a dead node and its treatment. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  leadership: { self: { leading: false }, consent: { self: { leading: true } } },
  'api-fresh': {
    // Ready=False is the one path that needs no fresh API access to be seen.
    node: { ...healthyNode, ready: 'False' },
    self: { apiAgeMs: 3001 },
    consent: { node: { ...healthyNode, ready: 'False' }, self: { apiAgeMs: 3000 } },
  },
  partition: { fleet: { staleLeases: 3 }, consent: { fleet: { staleLeases: 2 } } },
  'leases-proven': { fleet: { unprovenLeases: 3 }, consent: { fleet: { unprovenLeases: 2 } } },
  audit: { self: { auditProblem: 'no space left on device' }, consent: {} },
  suspended: { fleet: { suspended: 'most leases were stale' }, consent: {} },
  paused: { node: { paused: 'node node-1 is paused' }, consent: {} },
  mark: { node: { foreignMarker: { rule: 'opt-out', detail: 'label' } }, consent: {} },
  'machine-identity': {
    node: { machine: { state: 'off', ageMs: 0, mistaken: 'it is another' } },
    consent: {},
  },
  zone: { fleet: { zoneSuspended: 'none of its 2 nodes answers' }, consent: {} },
  maintenance: {
    policy: { maintenance: [maintenanceUntil('2026-11-22T12:00:01Z')] },
    consent: {
      policy: { maintenance: [maintenanceUntil('2026-11-22T12:00:00Z')] },
    },
  },
  'node-deleting': { node: { deleting: true }, consent: {} },
  'minimum-healthy': { fleet: { nodes: 5, unhealthy: 3 }, consent: { fleet: { nodes: 6, unhealthy: 3 } } },
  'maximum-unhealthy': {
    fleet: { nodes: 100, unhealthy: 4 },
    consent: { fleet: { nodes: 100, unhealthy: 3 } },
  },
  'in-flight': {
    policy: { maximumInFlightPerZone: 9 },
    fleet: { inFlight: [{ node: 'node-2', zone: 'zone-2' }] },
    consent: { fleet: { inFlight: [{ node: 'node-1', zone: 'zone-1' }] } },
  },
  'in-flight-zone': {
    policy: { maximumInFlight: 9 },
    fleet: { inFlight: [{ node: 'node-2', zone: 'zone-1' }] },
    consent: { policy: { maximumInFlight: 9 }, fleet: { inFlight: [{ node: 'node-2', zone: 'zone-2' }] } },
  },
  'cool-down': { fleet: { endedAgoMs: 9999 }, consent: { fleet: { endedAgoMs: 10_000 } } },
  'budget-node': { fleet: { attemptsOnNode: 3 }, consent: { fleet: { attemptsOnNode: 2 } } },
  'budget-pool': { fleet: { attemptsInPool: 5 }, consent: { fleet: { attemptsInPool: 4 } } },
};

function plan(of: Omit<Refusal, 'consent'>, without?: string) {
  return planNode(
    { ...deadNode, ...of.node },
    { ...calmFleet, ...of.fleet },
    { ...self, ...of.self },
    { ...policy, ...of.policy },
    GUARDS.filter((guard) => guard.name !== without),
  );
}

test('every guard has its case', () => {
  assert.deepEqual(Object.keys(REFUSALS).sort(), GUARDS.map((guard) => guard.name).sort());
});

for (const [name, refusal] of Object.entries(REFUSALS)) {
  test(`${name}: refuses, alone, and says so`, () => {
    const refused = plan(refusal);
    assert.equal(refused.verdict, 'refused');
    assert.deepEqual(
      refused.guards.filter((each) => !each.ok).map((each) => each.guard),
      [name],
    );
  });

  test(`${name}: the same node is treated once the guard is taken out`, () => {
    assert.equal(plan(refusal, name).verdict, 'act');
  });

  test(`${name}: consents to the neighbouring value`, () => {
    assert.equal(plan(refusal.consent).verdict, 'act');
  });
}

test('guards that count nodes no longer stop a treatment whose machine is proved to be off', () => {
  const fenced = {
    ...treated('fencing'),
    fence: { attempt: ATTEMPT, provedAgoMs: 10 },
    pods: [],
  };
  assert.equal(plan({ node: fenced, fleet: { unhealthy: 4 } }).step.kind, 'advance');
});

test('guards of the beginning do not stop a treatment that has begun', () => {
  assert.equal(plan({ node: treated('fencing'), fleet: { attemptsOnNode: 3 } }).verdict, 'act');
});

test('leases tell a partition where two or more of them, and more than half, went stale or are unproven', () => {
  const cases = [
    [1, 1, 'act'],
    [2, 3, 'refused'],
    [2, 4, 'act'],
  ] as const;
  for (const [staleLeases, leases, verdict] of cases)
    assert.equal(plan({ fleet: { staleLeases, leases } }).verdict, verdict, `${staleLeases} of ${leases}`);
  assert.equal(plan({ fleet: { unprovenLeases: 1, leases: 1 } }).verdict, 'act');
  assert.equal(plan({ fleet: { unprovenLeases: 2, leases: 2 } }).verdict, 'refused');
});

test('a share of healthy nodes is counted exactly', () => {
  const of = { policy: { maximumUnhealthy: 1000 } };
  assert.equal(plan({ ...of, fleet: { nodes: 199, unhealthy: 100 } }).verdict, 'refused');
  assert.equal(plan({ ...of, fleet: { nodes: 200, unhealthy: 100 } }).verdict, 'act');
});

test('a pause of the whole healer stops every node', () => {
  assert.equal(plan({ self: { paused: 'the healer is paused' } }).verdict, 'refused');
});

test('a refusal says what was seen against what is allowed, in whole milliseconds', () => {
  const details = (of: Omit<Refusal, 'consent'>): readonly string[] =>
    plan(of)
      .guards.filter(({ ok }) => !ok)
      .map(({ detail }) => detail);
  const notReady = { ...healthyNode, ready: 'False' } as const;
  assert.deepEqual(details({ node: notReady, self: { apiAgeMs: 4000.6 } }), [
    'the API server last answered us 4001 ms ago, allowed 3000',
  ]);
  assert.deepEqual(details({ fleet: { endedAgoMs: 9000.6 } }), [
    'the last treatment ended 9001 ms ago, cool-down 10000',
  ]);
});

test('a node that answers again has its cordon taken back, also while nothing else is done in most of the cluster', () => {
  const back = { ...healthyNode, ...treated('fencing') };
  const partition = { suspended: 'most leases were stale', staleLeases: 3 };
  assert.equal(plan({ node: back, fleet: partition }).step.kind, 'cancel');
  assert.equal(plan({ node: { ...back, paused: 'node node-1 is paused' } }).verdict, 'refused');
});

test('guards that count nodes stop a treatment before its fence', () => {
  assert.equal(plan({ node: treated('fencing'), fleet: { unhealthy: 4 } }).verdict, 'refused');
});

test('a cool-down is waited for exactly', () => {
  assert.equal(plan({ fleet: { endedAgoMs: 9500 } }).afterMs, 501);
});

test('a refusal is asked again within a second', () => {
  assert.equal(plan({ fleet: { suspended: 'why' } }).afterMs, 1000);
});
