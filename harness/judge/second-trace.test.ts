import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAULTS } from '../core/faults/catalogue.ts';
import type { Entry, EntryBody, SloClaim } from '../core/journal/journal.ts';
import { findingOf, judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  REQUESTED_MS,
  synthesise,
  withEntries,
} from './testing/synthetic-trial.ts';

/** Nobody but the kubelet's witness has seen anything of the loss of node-2, and the claim is about that. */
function unseen(claim: Partial<SloClaim> = {}): Entry[] {
  return synthesise({ outages: [], lostFromMs: Infinity, capacityAtMs: Infinity, claim });
}

/** The same of a pod that is killed. */
function killed(): Entry[] {
  return mapEntries(unseen(), (entry) => {
    if (entry.kind === 'fault.requested')
      return {
        ...entry,
        fault: { kind: 'pod.kill', target: { kind: 'pod', labels: 'app=storefront', mode: 'one' } },
      };
    if (entry.kind !== 'fault.resolved') return entry;
    return {
      ...entry,
      targets: [{ kind: 'pod', namespace: 'shop', name: 'web-1', uid: 'p1', node: 'node-2' }],
    };
  });
}

function expectOutcome(entries: readonly Entry[], outcome: string, reason = /./): void {
  const verdict = judge(entries);
  assert.equal(verdict.outcome, outcome, verdict.reason);
  assert.match(verdict.reason, reason);
}

const watched = { kind: 'watch', change: 'modified', uid: 'u', facts: {} } as const;
const node = { ...watched, object: 'Node', name: 'node-2', facts: { ready: 'Unknown' } } as const;
const pod = { ...watched, object: 'Pod', name: 'web-1', facts: { node: 'node-2', ready: false } } as const;
const treated = {
  kind: 'healer',
  event: 'suspected',
  subject: 'node-2',
  detail: 'it is silent',
  healerWallMs: 0,
  healerMonoMs: 0,
  pod: 'healer-0',
} as const;
const call = { kind: 'machine', call: 'powerOff', node: 'node-2', caller: 'healer', result: 'off' } as const;
const write = {
  kind: 'api.audit',
  user: 'system:serviceaccount:firedrill-system:firedrill-healer',
  verb: 'patch',
  resource: 'nodes',
  name: 'node-2',
  code: 200,
  stageWallMs: 0,
} as const;
const deletion = {
  ...write,
  user: 'kubelet',
  verb: 'delete',
  resource: 'pods',
  namespace: 'shop',
  name: 'web-1',
};

describe('a fault that hurt nobody is believed when something besides its witness has seen it:', () => {
  const ofNode: Readonly<Record<string, EntryBody>> = {
    'the node is not Ready': node,
    'the node is gone': { ...node, change: 'deleted', facts: { ready: 'True' } },
    'a pod of the node is not Ready': pod,
    'fewer replicas are Ready': { kind: 'capacity', selector: 'app=storefront', ready: 5, wanted: 6 },
    'the healer suspects the node': treated,
    'the healer asks for its power': call,
    'the healer writes to the node': write,
  };
  for (const [what, body] of Object.entries(ofNode))
    it(what, () =>
      expectOutcome(withEntries(unseen(), [at(EFFECTIVE_MS + 2_000, body)]), 'held', /no user impact/),
    );

  for (const [what, body] of Object.entries(ofNode))
    it(`${what}, which is one of two that were hit`, () => {
      const two = mapEntries(withEntries(unseen(), [at(EFFECTIVE_MS + 2_000, body)]), (entry) =>
        entry.kind === 'fault.resolved'
          ? { ...entry, targets: [{ kind: 'node', name: 'node-9', uid: 'n9' }, ...entry.targets] }
          : entry,
      );
      expectOutcome(two, 'held', /no user impact/);
    });

  it('a request failed, which the bound allows', () => {
    const one = synthesise({
      outages: [[300, 350]],
      lostFromMs: Infinity,
      capacityAtMs: Infinity,
      promValue: () => 1,
      claim: { bound: { atLeast: 0.9 } },
    });
    expectOutcome(one, 'held', /no user impact/);
  });

  const ofPod: Readonly<Record<string, EntryBody>> = {
    'the killed pod is gone': { ...pod, change: 'deleted', uid: 'p1', facts: { ready: true } },
    'the API server has logged its deletion': deletion,
    'the API server has logged its eviction': { ...deletion, verb: 'create', resource: 'pods/eviction' },
  };
  for (const [what, body] of Object.entries(ofPod))
    it(what, () => expectOutcome(withEntries(killed(), [at(EFFECTIVE_MS + 200, body)]), 'held'));
});

describe('a fault that hurt nobody, and that only its witness has seen, leaves inconclusive', () => {
  const alone = /nothing but its witness \("kubelet"\) shows that node\.power-off was there$/;
  const claims: Readonly<Record<string, Partial<SloClaim>>> = {
    'that users are restored': {},
    'that an objective holds': { claim: 'hold-while', withinMs: 10_000 },
    'that no alert fires': { claim: 'stay-silent', subject: { alert: 'NodeDown' } },
  };
  for (const [what, claim] of Object.entries(claims))
    it(what, () => expectOutcome(unseen(claim), 'inconclusive', alone));

  const noTrace: Readonly<Record<string, EntryBody>> = {
    'another node': { ...node, name: 'node-20' },
    'a node that is new': { ...node, change: 'added' },
    'something else of its name': { ...node, object: 'Deployment', change: 'deleted' },
    'replicas that are all Ready': { kind: 'capacity', selector: 'app=storefront', ready: 6, wanted: 6 },
    'a pod of the node that is Ready': { ...pod, facts: { node: 'node-2', ready: true } },
    'a pod of the node that is new': { ...pod, change: 'added' },
    'the state of its machine': { ...call, call: 'states' },
    'the power of another machine': { ...call, node: 'node-1' },
    'a healer that is busy with another node': { ...treated, subject: 'node-1' },
    'a write to another node': { ...write, name: 'node-1' },
    'the node while it is Ready': { ...node, facts: { ready: 'True', unschedulable: true } },
    'a pod elsewhere': { ...pod, facts: { node: 'node-1', ready: false } },
    'a healer that is busy with itself': { ...treated, event: 'leader', subject: 'healer' },
    'a healer that has nothing more to do': { ...treated, event: 'recovered' },
    'a write that was refused': { ...write, code: 409 },
    "somebody else's write": { ...write, user: 'admin' },
  };
  for (const [what, body] of Object.entries(noTrace))
    it(`whatever is told of ${what}`, () =>
      expectOutcome(withEntries(unseen(), [at(EFFECTIVE_MS + 2_000, body)]), 'inconclusive', alone));

  const noneOfPod: Readonly<Record<string, EntryBody>> = {
    'a deletion that was refused': { ...deletion, code: 409 },
    'the deletion of its namesake elsewhere': { ...deletion, namespace: 'other' },
    'the deletion of another pod': { ...deletion, name: 'web-2' },
    'a write to the pod that deletes nothing': { ...deletion, verb: 'patch' },
    'the deletion of something else of its name': { ...deletion, resource: 'services' },
    "a write of the healer's that was refused": { ...write, resource: 'pods', name: 'web-1', code: 400 },
  };
  for (const [what, body] of Object.entries(noneOfPod))
    it(`whatever is told of ${what}`, () =>
      expectOutcome(withEntries(killed(), [at(EFFECTIVE_MS + 200, body)]), 'inconclusive'));

  it('where the trace is no later than the request, or later than the undoing', () => {
    const undone = mapEntries(unseen(), (entry) =>
      entry.kind === 'fault.reverted' ? { ...entry, monoMs: EFFECTIVE_MS + 20_000 } : entry,
    );
    const traced = (atMs: number): string | undefined =>
      judge(withEntries(undone, [at(atMs, node)])).findings.find(({ claimId }) => claimId === 'c1')?.outcome;
    assert.deepEqual([traced(REQUESTED_MS), traced(REQUESTED_MS + 1)], ['inconclusive', 'held']);
    assert.deepEqual(
      [traced(EFFECTIVE_MS + 20_000), traced(EFFECTIVE_MS + 20_001)],
      ['held', 'inconclusive'],
    );
  });

  it('also when the trace is older than the fault, or comes of its undoing', () => {
    expectOutcome(withEntries(unseen(), [at(EFFECTIVE_MS - 1_000, node)]), 'inconclusive', alone);
    const undoing = at(EFFECTIVE_MS + 15_000, { kind: 'phase', phase: 'revert', state: 'begin' });
    const traced = at(EFFECTIVE_MS + 16_000, node);
    expectOutcome(withEntries(unseen(), [undoing, traced]), 'inconclusive', alone);
    const atOnce = at(EFFECTIVE_MS, { kind: 'phase', phase: 'revert', state: 'begin' });
    expectOutcome(withEntries(unseen(), [atOnce, traced]), 'inconclusive', alone);
    const others = [
      at(EFFECTIVE_MS - 1, { kind: 'phase', phase: 'revert', state: 'begin' }),
      at(EFFECTIVE_MS + 15_000, { kind: 'phase', phase: 'revert', state: 'end' }),
      at(EFFECTIVE_MS + 15_000, { kind: 'phase', phase: 'cleanup', state: 'begin' }),
    ];
    for (const other of others) expectOutcome(withEntries(unseen(), [other, traced]), 'held');
  });

  it('also when the witness tells the trace itself', () => {
    const told = mapEntries(withEntries(unseen(), [at(EFFECTIVE_MS + 2_000, node)]), (entry) =>
      entry.kind === 'fault.effective' ? { ...entry, observer: 'watch' } : entry,
    );
    expectOutcome(told, 'inconclusive', /its witness \("watch"\)/);
  });

  it('and a run waits for the trace as long as it waits for its clocks', () => {
    const late = withEntries(unseen(), [at(EFFECTIVE_MS + 18_000, node)]);
    const upTo = (entries: readonly Entry[], sinceMs: number) =>
      findingOf(
        entries.filter(({ monoMs }) => monoMs <= EFFECTIVE_MS + sinceMs),
        'c1',
        EFFECTIVE_MS + sinceMs,
      )?.outcome;
    assert.deepEqual([upTo(late, 17_000), upTo(late, 19_000)], [undefined, 'held']);
    assert.equal(upTo(unseen(), 35_000), 'inconclusive');
  });
});

it('every kind of fault says what it leaves behind', () => {
  for (const [kind, { leaves }] of Object.entries(FAULTS)) assert.ok(leaves.length > 0, kind);
});
