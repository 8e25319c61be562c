import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryBody, EntryOf } from '../../harness/core/journal/journal.ts';
import type { Duration } from '../../harness/core/verdict.ts';
import { sampleTrial } from '../testing/sample-journal.ts';
import { measuredAs } from '../testing/sample-verdict.ts';
import { atForeign, frameOf } from './frame.ts';
import { describeSpread, spreadOf } from './distribution.ts';
import { recoveryPhases } from './phases.ts';
import { probeSlis } from './probe-sli.ts';
import { resourceLives } from './resources.ts';
import { stockFor } from './stock.ts';
import { userCost } from './users.ts';
import { unjudged } from './trial-record.ts';

function journal(bodies: readonly (readonly [atMs: number, body: EntryBody])[]): Entry[] {
  return bodies.map(([atMs, body], seq) => ({
    seq,
    monoMs: atMs,
    wallMs: atMs + 1_700_000_000_000,
    ...body,
  }));
}

test('the indicator of the users is the good share of the trailing second', () => {
  const entries = journal(
    Array.from({ length: 40 }, (_, index) => [
      index * 50,
      {
        kind: 'probe.sample',
        target: 'web',
        probeSeq: index,
        dueMonoMs: index * 50,
        ok: index !== 10,
        latencyMs: 1,
        lateMs: 0,
      },
    ]),
  );
  const [sli] = probeSlis(entries);
  const at = (monoMs: number): number | undefined =>
    sli?.points.find((point) => point.monoMs === monoMs)?.share;
  assert.deepEqual(sli?.failuresMonoMs, [500]);
  assert.equal(at(450), undefined);
  assert.equal(at(1000), 0.95);
  assert.equal(at(1450), 0.95);
  assert.equal(at(1500), 1);
});

test('zero is the moment when the fault bit; without one, its request; without that, the start', () => {
  assert.equal(frameOf(sampleTrial({ shape: 'held' }).entries, []).zeroIs, 'fault effective');
  assert.equal(frameOf(sampleTrial({ shape: 'inconclusive' }).entries, []).zeroIs, 'fault requested');
  assert.equal(frameOf(journal([[5, { kind: 'note', text: 'a' }]]), []).zeroIs, 'start of the trial');
});

test("a healer's monotonic clock counts only where it is the clock of this machine", () => {
  const frame = { zeroMonoMs: 1000, zeroWallMs: 51_000, zeroIs: 'fault effective' } as const;
  assert.equal(atForeign(frame, { monoMs: 3000, wallMs: 53_400 }), 2000);
  assert.equal(atForeign(frame, { monoMs: 999_999, wallMs: 53_400 }), 2400);
});

test('the steps of a recovery follow each other from the fault to full capacity', () => {
  const { verdict, entries } = sampleTrial({ shape: 'held' });
  const phases = recoveryPhases(verdict, entries);
  assert.deepEqual(
    phases.map((phase) => phase.name),
    ['detect', 'decide', 'act', 'replace', 'schedule', 'start', 'ready'],
  );
  for (const [index, phase] of phases.entries()) assert.equal(phase.fromMs, phases[index - 1]?.toMs ?? 0);
  assert.equal(phases.at(-1)?.toMs, verdict.capacity.kind === 'measured' ? verdict.capacity.ms : NaN);
});

test('a recovery without a healer has no steps of one', () => {
  const { verdict, entries } = sampleTrial({ shape: 'violated' });
  assert.deepEqual(
    recoveryPhases(verdict, entries).map((phase) => phase.name),
    ['replace', 'schedule', 'start', 'ready'],
  );
});

test('a node is Ready, then cordoned, then gone', () => {
  const { entries } = sampleTrial({ shape: 'held' });
  const node = resourceLives(entries, 'Node').find((life) => life.name === 'node-2');
  assert.deepEqual(
    node?.stretches.map((one) => one.state),
    ['ready', 'cordoned'],
  );
  assert.equal(node.createdMonoMs, undefined);
  assert.ok(node.deletedMonoMs !== undefined);
});

test('stock figures stand only beside a healer that meets the fault and the workload that they were measured with', () => {
  const started = (change: Partial<EntryOf<'trial.started'>>) => {
    const { entries } = sampleTrial({ shape: 'held' });
    return entries.map((entry) => (entry.kind === 'trial.started' ? { ...entry, ...change } : entry));
  };
  assert.equal(stockFor(started({}))?.restoredMs, 54_000);
  assert.equal(stockFor(started({ control: true })), undefined);
  assert.equal(stockFor(started({ config: { healer: 'off', workload: 'storefront' } })), undefined);
  assert.equal(stockFor(started({ config: { healer: 'firedrill', workload: { name: 'own' } } })), undefined);
  assert.equal(stockFor(sampleTrial({ shape: 'held', faultKind: 'node.freeze' }).entries), undefined);
  assert.equal(stockFor([]), undefined);
});

test('the error budget is that of 30 days at the rate of the trial', () => {
  const { verdict, entries } = sampleTrial({ shape: 'held' });
  const cost = userCost({ ...verdict, requests: { total: 480, failed: 24 } }, entries);
  const watchedSeconds = 480 * 0.05;
  assert.ok(Math.abs(cost!.budgetShare! - 24 / ((480 / watchedSeconds) * 30 * 86_400 * 0.01)) < 1e-9);
  assert.equal(userCost({ ...verdict, requests: { total: 0, failed: 0 } }, entries), undefined);
});

test('a trial that did not recover is counted, and nothing is claimed that so many cannot carry', () => {
  const measured = (n: number) => Array.from({ length: n }, (_, index) => measuredAs(3000 + 100 * index));
  const censored = { kind: 'censored', atLeastMs: 60_000 } as const;
  const unknown = { kind: 'unknown', reason: '' } as const;
  const said = (...durations: readonly Duration[]): string => describeSpread(spreadOf(durations));
  assert.equal(
    said(...measured(2), censored, unknown),
    'n = 4, median 3.1 s (no 90 % interval at n = 3), 2 within 3.1 s, 1 not recovered, 1 cannot say',
  );
  assert.equal(
    said(...measured(1), censored),
    'n = 2, median at least 3.0 s (no 90 % interval at n = 2), 1 within 3.0 s, 1 not recovered',
  );
  assert.equal(
    said(...measured(5)),
    'n = 5, median 3.2 s (90 % interval 3.0 s to 3.4 s), all of 5 within 3.4 s',
  );
  assert.match(said(...measured(4), censored), /90 % interval from 3\.0 s, no upper end/);
  assert.match(
    said(...measured(59)),
    /95th percentile at most 8\.8 s \(95 % confidence\), all of 59 within 8\.8 s/,
  );
  for (const few of [said(...measured(58)), said(...measured(58), censored), said(...measured(58), unknown)])
    assert.doesNotMatch(few, /percentile/);
});

test('what became of a node or a pod is read from its own facts', () => {
  const lifeOf = (
    object: 'Node' | 'Pod',
    ...changes: readonly [number, object, ('modified' | 'deleted')?][]
  ) => {
    const bodies = changes.map(([atMs, facts, change = 'modified']) => {
      const event: EntryBody = { kind: 'watch', change, object, name: 'a', uid: 'u', facts: { ...facts } };
      return [atMs, event] as const;
    });
    return resourceLives(journal([...bodies, [9_000, { kind: 'note', text: 'end' }]]), object)[0];
  };
  const states = (object: 'Node' | 'Pod', ...facts: readonly object[]) =>
    facts.map((one) => lifeOf(object, [0, one])?.stretches[0]?.state);
  assert.deepEqual(
    states(
      'Node',
      { ready: 'True' },
      { ready: 'True', unschedulable: true },
      { ready: 'Unknown' },
      { ready: 'False' },
    ),
    ['ready', 'cordoned', 'unknown', 'not-ready'],
  );
  assert.deepEqual(
    states(
      'Pod',
      { ready: true },
      {},
      { started: true },
      { phase: 'Running' },
      { ready: true, deleting: true },
    ),
    ['ready', 'pending', 'not-ready', 'not-ready', 'terminating'],
  );
  assert.deepEqual(states('Pod', { terminating: true }, { deletionTimestamp: 'now' }), [
    'terminating',
    'terminating',
  ]);
  const life = lifeOf(
    'Pod',
    [1_000, {}],
    [2_000, { node: 'n', app: 'web' }],
    [3_000, { node: 'n', started: true }],
    [4_000, { node: 'n', ready: true }],
    [5_000, { node: 'n', ready: true }, 'deleted'],
  );
  const { stretches, ...instants } = life ?? {};
  assert.deepEqual(instants, {
    ...{ object: 'Pod', name: 'a', uid: 'u', node: 'n', app: 'web', scheduledMonoMs: 2_000 },
    ...{ startedMonoMs: 3_000, readyMonoMs: 4_000, deletedMonoMs: 5_000 },
  });
  assert.deepEqual(
    stretches?.map(({ fromMonoMs, toMonoMs, state }) => [fromMonoMs, toMonoMs, state]),
    [
      [1_000, 3_000, 'pending'],
      [3_000, 4_000, 'not-ready'],
      [4_000, 5_000, 'ready'],
    ],
  );
});

test('what the first list of a watch returns was there before; what comes later is new', () => {
  const added = (uid: string) =>
    ({ kind: 'watch', change: 'added', object: 'Pod', name: uid, uid, facts: {} }) as const;
  const lives = resourceLives(
    journal([
      [100, added('a')],
      [1_600, added('b')],
      [1_601, added('c')],
    ]),
    'Pod',
  );
  assert.deepEqual(
    lives.map(({ createdMonoMs }) => createdMonoMs),
    [undefined, undefined, 1_601],
  );
});

test('a trial that was not judged is inconclusive, with what its journal tells of it', () => {
  const { entries, verdict } = sampleTrial({ shape: 'held' });
  const told = unjudged('node-loss-1', entries, 'the judge crashed');
  for (const name of [
    'trialId',
    'runId',
    'scenario',
    'title',
    'expected',
    'seed',
    'control',
    'targets',
    'again',
  ] as const)
    assert.deepEqual(told[name], verdict[name], name);
  const samples = entries.filter((entry) => entry.kind === 'probe.sample');
  const failed = samples.filter(({ ok }) => !ok).length;
  assert.deepEqual(told.requests, { total: samples.length, failed });
  assert.deepEqual([told.outcome, told.reason], ['inconclusive', 'the judge crashed']);
  const blank = unjudged('node-loss-1', [], '');
  assert.deepEqual(
    [blank.trialId, blank.runId, blank.scenario, blank.title, blank.expected, blank.seed, blank.again],
    ['node-loss-1', '', 'node-loss-1', 'node-loss-1', 'held', 0, ''],
  );
});
