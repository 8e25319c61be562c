import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MachineState } from '../../infra/machines/protocol.ts';
import { KubeError } from '../../infra/kube/errors.ts';
import { ConflictError } from '../cluster/call.ts';
import type { ClusterApi } from '../cluster/cluster-api.ts';
import { OUT_OF_SERVICE_TAINT } from '../cluster/nodes.ts';
import type { ConfigMapObject, NodeObject } from '../cluster/objects.ts';
import { Remediations } from '../incident/remediations.ts';
import { waitAskedFor } from '../runtime/retry-after.ts';
import { LedgerAges } from '../safety/ledger-ages.ts';
import { readEntries, writeEntries, type LedgerEntry } from '../safety/ledger.ts';
import { ATTEMPT, healthyNode, pod, treated, UID } from '../testing/facts.ts';
import { HealerRecords } from '../testing/healer-records.ts';
import { interfaceOf, MemoryMachines } from '../testing/memory-machines.ts';
import { apiOf, MemoryServer } from '../testing/memory-server.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { NodeActor } from './act.ts';
import type { NodeFacts, PodFacts } from './facts.ts';
import { MachinePoller } from './machine-poller.ts';
import type { NodeStep } from './plan-answer.ts';
import { parseRemediation, type NodeRemediation } from './remediation.ts';

const { signal } = new AbortController();
type Step = Exclude<NodeStep, { kind: 'rest' | 'look' }>;

const entry = (more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{
    attempt: ATTEMPT,
    node: 'node-1',
    uid: UID,
    pool: 'worker',
    zone: 'zone-1',
    startedAtMs: 0,
    agedMs: 0,
  },
  ...more,
});
const planned = { attempt: ATTEMPT, phase: 'fencing', cordonOurs: true, rule: 'node-silent' } as const;

/** The actor on one node, between an API server and machines in memory. */
class Stage {
  readonly clock = new SimClock();
  readonly records = new HealerRecords(this.clock);
  readonly server = new MemoryServer({ seen: () => undefined, deleted: () => undefined });
  readonly machines = new MemoryMachines(() => this.clock.now().wallMs);
  /** Nodes and ledgers that were handed on as written. */
  readonly written: NodeObject[] = [];
  readonly ledgers: ConfigMapObject[] = [];
  /** What was sent, with all but the signal. */
  readonly sent: unknown[][] = [];
  readonly remediations = new Remediations(this.records.audit, this.clock, this.records.reporter, false);
  readonly actor: NodeActor;

  constructor(entries?: readonly LedgerEntry[], machineInterface = true) {
    const { clock, records, remediations } = this;
    this.server.putNode({ metadata: { name: 'node-1', uid: UID, resourceVersion: '1' }, spec: {} });
    this.machines.states.set('node-1', 'on');
    if (entries !== undefined) {
      this.server.putLedger(writeEntries(entries));
      this.allow();
    }
    const machines = machineInterface ? interfaceOf(this.machines, records.carry) : undefined;
    const poller = machines && new MachinePoller({ machines, clock, onChange: () => 0, onProblem: () => 0 });
    this.actor = new NodeActor({
      ...{
        api: this.#noted(apiOf(this.server, records.carry)),
        machines,
        machinePoller: poller,
        remediations,
        clock,
      },
      onWritten: (node) => this.written.push(node),
      onLedger: (ledger) => this.ledgers.push(ledger),
      ledgerAges: new LedgerAges(clock),
    });
  }

  #noted(api: ClusterApi): ClusterApi {
    return new Proxy(api, {
      get: (target, name, receiver) => {
        const call = Reflect.get(target, name, receiver) as (...values: unknown[]) => unknown;
        return (...values: unknown[]) => {
          assert.equal(values.at(-1), signal, `${String(name)} ends with its work`);
          this.sent.push([name, ...values.slice(0, -1)]);
          return call(...values);
        };
      },
    });
  }

  /** The account names the node as under treatment, and these namespaces. */
  allow(...namespaces: readonly string[]): this {
    this.server.allowed.set(UID, { node: 'node-1', uid: UID, namespaces });
    return this;
  }

  /** Carries a step out in ten seconds, and lets fifty more pass. */
  async does(step: Step, facts: Partial<NodeFacts> = {}) {
    const startMs = this.clock.now().monoMs;
    await this.clock.runUntil(startMs + 10_000);
    const basis = {
      node: this.server.node('node-1'),
      facts: { ...healthyNode, ...facts },
      ledger: this.server.ledger,
    };
    const done = this.actor.carryOut(step, basis, signal);
    done.catch(() => undefined);
    await this.clock.runUntil(startMs + 60_000);
    return await done;
  }

  get entries(): readonly LedgerEntry[] {
    return readEntries(this.server.ledger);
  }

  get record(): NodeRemediation | undefined {
    const text = this.server.node('node-1').metadata.annotations?.['healer.firedrill.dev/remediation'];
    const record = parseRemediation(text);
    assert.ok(record !== 'unreadable');
    return record;
  }

  get requests(): readonly string[] {
    return this.records.calls.map(({ request, about }) => `${request} ${about}`.trim());
  }

  get fence() {
    return this.remediations.of(UID).fenceView();
  }
}

const AT_10_S = new SimClock().now().wallMs + 10_000;

test('a treatment is in the ledger and named on the account before the node is touched, and on the node with its cordon', async () => {
  const stage = new Stage();
  const result = await stage.does({ kind: 'begin', remediation: planned });
  assert.deepEqual(result, { action: 'Cordon', attempt: ATTEMPT, result: 'cordoned', phase: 'fencing' });
  assert.deepEqual(stage.requests, ['writeLedger', 'readAllowed', 'allow node-1', 'patchNode node-1']);
  assert.deepEqual(stage.entries, [entry({ startedAtMs: AT_10_S })]);
  assert.deepEqual(stage.record, { ...planned, startedAtMs: AT_10_S + 9, phaseAtMs: AT_10_S + 9 });
  assert.equal(stage.server.isCordoned('node-1'), true);
  assert.deepEqual([stage.written.length, stage.ledgers.length], [1, 1]);
  assert.equal(stage.written[0], stage.server.node('node-1'));
});

test('what is noted in the ledger says which loss of a zone it is part of', async () => {
  const stage = new Stage([]);
  await stage.does({ kind: 'begin', remediation: { ...planned, zoneLoss: 'zone-loss' } });
  assert.equal(stage.entries[0]?.zoneLoss, 'zone-loss');
  assert.equal(stage.record?.zoneLoss, 'zone-loss');
});

test('a mere cordon is no treatment that the ledger counts; one of a person is left as it is', async () => {
  const stage = new Stage();
  const result = await stage.does({ kind: 'cordon', remediation: { ...planned, cordonOurs: false } });
  assert.deepEqual(result, {
    ...{ action: 'Cordon', attempt: ATTEMPT, phase: 'fencing' },
    result: 'was cordoned already',
  });
  assert.deepEqual(stage.requests, ['patchNode node-1']);
  assert.equal(stage.server.isCordoned('node-1'), false);
});

test('the next phase is written with its time, and with the taint once the machine is off and empty', async () => {
  const stage = new Stage();
  const before = treated('fencing');
  assert.deepEqual(await stage.does({ kind: 'advance', phase: 'replacing', taint: true }, before), {
    ...{ action: 'Taint', attempt: ATTEMPT },
    ...{ result: 'out-of-service taint', phase: 'replacing' },
  });
  assert.deepEqual(stage.record, { ...before.remediation, phase: 'replacing', phaseAtMs: AT_10_S });
  assert.equal(stage.server.node('node-1').spec?.taints?.[0]?.key, OUT_OF_SERVICE_TAINT);
  const other = new Stage();
  assert.deepEqual(
    await other.does({ kind: 'advance', phase: 'fencing', taint: false }, treated('draining')),
    {
      ...{ action: 'Advance', attempt: ATTEMPT },
      ...{ result: '', phase: 'fencing' },
    },
  );
  assert.equal(other.server.node('node-1').spec?.taints, undefined);
});

test('a proof that is taken back counts, so that the next power-off has another name', async () => {
  for (const [voided, next] of [
    [undefined, 1],
    [1, 2],
  ] as const) {
    const stage = new Stage();
    const before = treated('replacing', voided === undefined ? {} : { voided });
    const result = await stage.does({ kind: 'unprove' }, before);
    assert.deepEqual(result, {
      ...{ action: 'Unprove', attempt: ATTEMPT },
      result: 'the proof is taken back',
      phase: 'fencing',
    });
    assert.deepEqual(stage.record, {
      ...before.remediation,
      phase: 'fencing',
      phaseAtMs: AT_10_S,
      voided: next,
    });
  }
});

test('a power-off is proved by its answer and a later list, from the moment when that list was asked for', async () => {
  const stage = new Stage();
  const result = await stage.does(
    { kind: 'fence', attempt: `${ATTEMPT}.1` },
    treated('fencing', { voided: 1 }),
  );
  assert.deepEqual(result, { action: 'PowerOff', attempt: ATTEMPT, result: 'proof: off' });
  assert.deepEqual(stage.requests, ['powerOff node-1', 'states']);
  // The call has taken three milliseconds, and the list was asked for after it.
  assert.deepEqual(stage.fence, { attempt: `${ATTEMPT}.1`, provedAgoMs: 60_000 - 10_003 });
});

/** What the machine interface answers to the power-off and lists after it, and why that proves nothing. */
const NO_PROOFS: Readonly<
  Record<
    string,
    {
      readonly answers: Partial<MachineState>;
      readonly lists: Partial<MachineState> | 'nothing';
      readonly says: string;
    }
  >
> = {
  'it answers `on`': {
    answers: { state: 'on' },
    lists: { state: 'off' },
    says: 'answers on, and then says off',
  },
  'it answers `unknown`': {
    answers: { state: 'unknown' },
    lists: { state: 'off' },
    says: 'answers unknown, and then says off',
  },
  'it lists `on`': { answers: {}, lists: { state: 'on' }, says: 'answers off, and then says on' },
  'it lists `unknown`': {
    answers: {},
    lists: { state: 'unknown' },
    says: 'answers off, and then says unknown',
  },
  'it does not list it': { answers: {}, lists: 'nothing', says: 'answers off, and then does not list it' },
  'the list is older than the answer': {
    answers: { observedAtMs: 1000 },
    lists: { state: 'off', observedAtMs: 999 },
    says: 'answers off, and then says off of before the call',
  },
};
for (const [what, { answers, lists, says }] of Object.entries(NO_PROOFS))
  test(`a power-off proves nothing where ${what}`, async () => {
    const stage = new Stage();
    stage.machines.powerOff = (node) => ({ node, state: 'off', observedAtMs: 1000, ...answers });
    stage.machines.says = (node) => ({
      ...{ node, state: 'off', observedAtMs: 1000 },
      ...(lists === 'nothing' ? {} : lists),
    });
    if (lists === 'nothing') stage.machines.states.clear();
    await assert.rejects(stage.does({ kind: 'fence', attempt: ATTEMPT }, treated('fencing')), {
      code: 'healer.no-proof',
      message: `no proof: the machine interface ${says}`,
    });
    // That it was asked is known all the same.
    assert.deepEqual(stage.fence, { attempt: ATTEMPT });
  });

test('a list of the very moment of the answer proves as well', async () => {
  const stage = new Stage();
  stage.machines.powerOff = (node) => ({ node, state: 'off', observedAtMs: 1000 });
  stage.machines.says = (node) => ({ node, state: 'off', observedAtMs: 1000 });
  assert.equal(
    (await stage.does({ kind: 'fence', attempt: ATTEMPT }, treated('fencing'))).result,
    'proof: off',
  );
});

test('without a machine interface nothing is fenced or replaced', async () => {
  const stage = new Stage(undefined, false);
  const code = 'healer.no-machine-interface';
  await assert.rejects(stage.does({ kind: 'fence', attempt: ATTEMPT }, treated('fencing')), {
    code,
    message: 'node-1 cannot be fenced',
  });
  await assert.rejects(stage.does({ kind: 'replace', attempt: ATTEMPT }, treated('replacing')), {
    code,
    message: 'node-1 cannot be replaced',
  });
});

test('what needs a record is refused where there is none', async () => {
  const steps: readonly Step[] = [
    { kind: 'advance', phase: 'fencing', taint: false },
    { kind: 'unprove' },
    { kind: 'drain', pods: [] },
    { kind: 'evacuate', pods: [] },
    { kind: 'retire' },
    { kind: 'cancel', outcome: 'recovered' },
  ];
  for (const step of steps) {
    const stage = new Stage([entry()]);
    await assert.rejects(
      stage.does(step),
      { code: 'healer.no-record', message: 'node-1 is not under treatment' },
      step.kind,
    );
  }
});

const a: PodFacts = { ...pod('a'), owner: 'set-a', siblings: 'app=a' };
const b: PodFacts = { ...pod('b', { namespace: 'other' }), owner: 'set-b', siblings: 'app=b' };

test('a drain names its namespaces on the account first, also those of pods whose turn comes later, and evicts at the next look', async () => {
  const stage = new Stage([entry()]);
  const facts = { ...treated('draining'), pods: [a, b] };
  assert.deepEqual(await stage.does({ kind: 'drain', pods: [a] }, facts), {
    ...{ action: 'AllowDrain', attempt: ATTEMPT },
    result: 'namespaces named on the account',
  });
  assert.deepEqual(stage.requests, ['readAllowed', 'allow node-1']);
  assert.deepEqual(stage.server.allowed.get(UID)?.namespaces, ['default', 'other']);
  assert.deepEqual(await stage.does({ kind: 'drain', pods: [a] }, facts), {
    ...{ action: 'Evict', attempt: ATTEMPT },
    result: 'default/a evicted',
  });
  assert.deepEqual(stage.sent.at(-1), ['evictPod', a]);
  const unlisted = new Stage([entry()]);
  await unlisted.does({ kind: 'drain', pods: [a] }, treated('draining'));
  assert.deepEqual(unlisted.server.allowed.get(UID)?.namespaces, ['default']);
});

test('a drain whose entry was lost with the ledger notes the treatment anew', async () => {
  const stage = new Stage();
  await stage.does({ kind: 'drain', pods: [a] }, treated('draining', { zoneLoss: 'zone-loss' }));
  assert.deepEqual(stage.entries, [entry({ startedAtMs: AT_10_S, zoneLoss: 'zone-loss' })]);
});

test('a budget that refuses an eviction is remembered for the pod until it lets go, and keeps no other from its turn', async () => {
  const stage = new Stage([entry()]).allow('default', 'other');
  const evict = stage.server.evictPod.bind(stage.server);
  stage.server.evictPod = (identity) =>
    identity.name === 'a' ? { answer: 'refused', message: 'needs 2' } : evict(identity);
  const { result } = await stage.does({ kind: 'drain', pods: [a, b] }, treated('draining'));
  assert.equal(result, 'default/a refused: needs 2; other/b evicted');
  assert.equal(stage.remediations.of(UID).refusal(a.uid), 'needs 2');
  assert.equal(stage.remediations.of(UID).refusal(b.uid), undefined);
  stage.server.evictPod = () => ({ answer: 'gone' });
  assert.equal(
    (await stage.does({ kind: 'drain', pods: [a] }, treated('draining'))).result,
    'default/a gone',
  );
  assert.equal(stage.remediations.of(UID).refusal(a.uid), undefined);
});

test('an eviction that fails is told after the others had their turn, and waits like one that is refused', async () => {
  const stage = new Stage([entry()]).allow('default', 'other');
  stage.server.evictPod = ({ name }) => {
    if (name === 'a') throw new Error('two budgets protect it');
    return { answer: 'evicted' };
  };
  await assert.rejects(
    stage.does({ kind: 'drain', pods: [a, b] }, treated('draining')),
    /two budgets protect it/,
  );
  assert.deepEqual(stage.requests, ['readAllowed', 'evictPod a', 'evictPod b']);
  assert.equal(stage.remediations.of(UID).refusal(a.uid), 'two budgets protect it');
});

test('the pods of a machine that is off are deleted without grace, one after the other, and remembered by their owners', async () => {
  const stage = new Stage([entry()]);
  const result = await stage.does({ kind: 'evacuate', pods: [a, b] }, treated('fencing'));
  assert.deepEqual(result, {
    ...{ action: 'DeletePods', attempt: ATTEMPT },
    ...{ result: '2 pods deleted', objects: ['default/a', 'other/b'] },
  });
  assert.deepEqual(stage.sent, [['readAllowed'], ['deletePod', a, 0], ['deletePod', b, 0]]);
  assert.deepEqual(stage.remediations.of(UID).movedPods(), {
    ...{
      owners: new Set(['set-a', 'set-b']),
      siblings: new Map([
        ['default', new Set(['app=a'])],
        ['other', new Set(['app=b'])],
      ]),
    },
    sinceMs: 60_000 - 10_009,
  });
});

test('pods are deleted only once the ledger names their treatment, also where it was lost since', async () => {
  const stage = new Stage([entry({ attempt: 'another' })]);
  await stage.does({ kind: 'evacuate', pods: [a] }, treated('fencing'));
  assert.deepEqual(stage.requests, ['writeLedger', 'readAllowed', 'deletePod a']);
  assert.deepEqual(
    stage.entries.map(({ attempt }) => attempt),
    ['another', ATTEMPT],
  );
});

test('a treatment that the ledger names, among others, is not noted again', async () => {
  const stage = new Stage([entry({ attempt: 'another' }), entry()]);
  await stage.does({ kind: 'evacuate', pods: [a] }, treated('fencing'));
  assert.deepEqual(stage.requests, ['readAllowed', 'deletePod a']);
});

test('one pod that cannot be deleted is an error as well', async () => {
  const stage = new Stage([entry()]);
  stage.server.deletePod = () => {
    throw new Error('denied');
  };
  await assert.rejects(stage.does({ kind: 'evacuate', pods: [a] }, treated('fencing')), {
    message: '1 of 1 pods not deleted: a: denied',
  });
});

test('pods that cannot be deleted are named, and the longest wait that an answer asks for is kept; the others go', async () => {
  const stage = new Stage([entry()]);
  const busy = (retryAfterMs: number) =>
    new KubeError('kube.too-many-requests', 'later', { status: 429, reason: '', retryAfterMs });
  const c = pod('c');
  stage.server.deletePod = ({ name }) => {
    if (name !== 'b') throw busy(name === 'a' ? 1000 : 5000);
  };
  const failed = stage.does({ kind: 'evacuate', pods: [a, b, c] }, treated('fencing'));
  await assert.rejects(failed, (error: Error & { code: string }) => {
    assert.equal(error.code, 'healer.pods-left');
    assert.equal(error.message, '2 of 3 pods not deleted: a: later; c: later');
    assert.equal(waitAskedFor(error), 5000);
    return true;
  });
  assert.deepEqual(stage.requests, ['readAllowed', 'deletePod a', 'deletePod b', 'deletePod c']);
  assert.equal(stage.remediations.of(UID).movedPods(), undefined);
});

test('a replacement is asked for by the name of the treatment, and its own name recorded', async () => {
  const stage = new Stage();
  const asked: string[] = [];
  stage.machines.replace = (node) => {
    asked.push(node);
    return { node, replacement: 'node-9' };
  };
  const before = treated('replacing');
  const result = await stage.does({ kind: 'replace', attempt: ATTEMPT }, before);
  assert.deepEqual(result, { action: 'Replace', attempt: ATTEMPT, result: 'replacement node-9' });
  assert.deepEqual(asked, ['node-1']);
  const phaseAtMs = AT_10_S + 3;
  assert.deepEqual(stage.record, {
    ...before.remediation,
    phase: 'replaced',
    phaseAtMs,
    replacement: 'node-9',
  });
  assert.equal(stage.server.node('node-1').spec?.taints, undefined);
});

test('a node that was replaced is deleted by its UID, and its treatment ends in the ledger', async () => {
  const stage = new Stage([entry(), entry({ attempt: 'another', node: 'node-2' })]);
  const result = await stage.does({ kind: 'retire' }, treated('replaced', { replacement: 'node-9' }));
  assert.deepEqual(result, { action: 'DeleteNode', attempt: ATTEMPT, result: 'replaced by node-9' });
  assert.deepEqual(stage.sent[0], ['deleteNode', 'node-1', UID]);
  assert.deepEqual(
    stage.entries.map(({ outcome, endedAtMs }) => [outcome, endedAtMs]),
    [
      ['recovered', AT_10_S + 6],
      [undefined, undefined],
    ],
  );
  assert.equal(stage.ledgers.at(-1), stage.server.ledger);
  assert.deepEqual([...stage.server.allowed], []);
});

/** How a treatment that is called off is told, noted in the ledger and left on the node. */
const ENDS = {
  recovered: { result: 'our cordon taken back', outcome: 'cancelled' },
  withdrawn: { result: 'our cordon taken back', outcome: 'cancelled' },
  reimaged: { result: 'replaced in place, our cordon taken back', outcome: 'recovered' },
  person: { result: 'cancelled by a person', outcome: 'cancelled' },
} as const;
for (const [kind, { result, outcome }] of Object.entries(ENDS))
  test(`a treatment that ends since it was ${kind} is taken off the node and closed in the ledger`, async () => {
    const stage = new Stage([entry()]);
    const before = treated('fencing');
    await stage.does({ kind: 'advance', phase: 'fencing', taint: false }, before);
    const said = await stage.does({ kind: 'cancel', outcome: kind as keyof typeof ENDS }, before);
    assert.deepEqual(said, { action: 'Cancel', attempt: ATTEMPT, result });
    assert.equal(stage.entries[0]?.outcome, outcome);
    assert.deepEqual([...stage.server.allowed], []);
    assert.notEqual(stage.entries[0].endedAtMs, undefined);
    const kept = {
      ...before.remediation,
      phase: 'cancelled',
      cordonOurs: false,
      phaseAtMs: AT_10_S + 60_000,
    };
    assert.deepEqual(stage.record, kind === 'person' ? kept : undefined);
  });

test('of a treatment that began under the cordon of a person, that cordon stays, whoever ends it', async () => {
  for (const outcome of ['recovered', 'person'] as const) {
    const stage = new Stage([entry()]);
    const before = treated('fencing', { cordonOurs: false });
    await stage.does({ kind: 'begin', remediation: { ...planned, cordonOurs: true } });
    await stage.does({ kind: 'cancel', outcome }, before);
    assert.equal(stage.server.isCordoned('node-1'), true);
  }
});

test('the end of a treatment is noted also where another process has written the ledger meanwhile', async () => {
  const stage = new Stage([entry()]);
  const retiring = stage.server.deleteNode.bind(stage.server);
  stage.server.deleteNode = (name) => {
    retiring(name);
    stage.server.putLedger(writeEntries([entry(), entry({ attempt: 'newer' })]));
  };
  await stage.does({ kind: 'retire' }, treated('replaced'));
  assert.deepEqual(stage.requests, [
    'deleteNode node-1',
    `disallow ${UID}`,
    'writeLedger',
    'readLedger',
    'writeLedger',
  ]);
  assert.deepEqual(
    stage.entries.map(({ attempt, outcome }) => [attempt, outcome]),
    [
      [ATTEMPT, 'recovered'],
      ['newer', undefined],
    ],
  );
});

test('a node whose replacement has no name is retired as well', async () => {
  const { result } = await new Stage([entry()]).does({ kind: 'retire' }, treated('replaced'));
  assert.equal(result, 'replaced by ');
});

test('an end that cannot be noted for another reason is an error', async () => {
  const stage = new Stage([entry()]);
  stage.server.writeLedger = () => {
    throw new Error('denied');
  };
  await assert.rejects(stage.does({ kind: 'retire' }, treated('replaced')), /denied/);
  assert.deepEqual(stage.requests, ['deleteNode node-1', `disallow ${UID}`, 'writeLedger']);
});

test('a beginning that somebody was faster with is a conflict, and the node is not touched', async () => {
  const stage = new Stage([]);
  stage.server.writeLedger = () => {
    throw new ConflictError('the ledger changed in between');
  };
  await assert.rejects(stage.does({ kind: 'begin', remediation: planned }), { code: 'healer.conflict' });
  assert.deepEqual(stage.requests, ['writeLedger']);
});

test('a record is forgotten with nothing else changed', async () => {
  const stage = new Stage();
  await stage.does({ kind: 'advance', phase: 'cancelled', taint: false }, treated('fencing'));
  const result = await stage.does({ kind: 'forget' }, treated('cancelled'));
  assert.deepEqual(result, { action: 'Forget', attempt: ATTEMPT, result: 'record removed' });
  assert.equal(stage.record, undefined);
  assert.equal(stage.written.length, 2);
});
