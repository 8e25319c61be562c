import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryBody, EntryOf } from '../../harness/core/journal/journal.ts';
import { given } from '../../harness/core/given.ts';
import type { Duration, Verdict } from '../../harness/core/verdict.ts';
import { sampleTrial } from '../testing/sample-journal.ts';
import { measuredAs } from '../testing/sample-verdict.ts';
import { atForeign, frameOf } from './frame.ts';
import { describeSpread, spreadOf } from './distribution.ts';
import { recoveryPhases } from './phases.ts';
import { probeSlis } from './probe-sli.ts';
import { resourceLives } from './resources.ts';
import { stockFor } from './stock.ts';
import { userCost } from './users.ts';
import { environmentOf } from './environment.ts';
import { seedsOf } from './seeds.ts';
import { runOutcome, unjudged } from './trial-record.ts';

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
  assert.equal(node.object, 'Node');
  assert.equal(node.createdMonoMs, undefined);
  assert.ok(node.deletedMonoMs !== undefined);
});

test('stock figures stand only beside a healer that meets the fault and the workload that they were measured with', () => {
  const started = (change: Partial<EntryOf<'trial.started'>>) => {
    const { entries } = sampleTrial({ shape: 'held' });
    return entries.map((entry) => (entry.kind === 'trial.started' ? { ...entry, ...change } : entry));
  };
  assert.deepEqual(stockFor(started({})), {
    ...{ label: 'stock Kubernetes, measured separately', restoredMs: 54_000, capacityMs: [354_000, 355_000] },
  });
  const requested = started({}).filter((entry) => entry.kind === 'fault.requested');
  assert.equal(stockFor([...started({}), ...requested]), undefined);
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

test('the error budget is that of the strictest share of good requests, and none without a share or a second', () => {
  const { verdict, entries } = sampleTrial({ shape: 'held' });
  const [claim] = entries.filter((entry) => entry.kind === 'slo.claim');
  assert.ok(claim?.kind === 'slo.claim');
  const sample = (dueMonoMs: number) => ({ kind: 'probe.sample', dueMonoMs }) as Entry;
  const requests = { total: 100, failed: 10 };
  const costOf = (bounds: readonly unknown[], samples: readonly number[] = [500, 10_500, 5_000]) =>
    userCost({ ...verdict, requests }, [
      ...bounds.map((bound) => ({ ...claim, bound }) as Entry),
      ...samples.map(sample),
    ]);
  const share = costOf([{ atLeast: 0.9 }, { atLeast: 0.99 }, { atLeast: 0.95 }]);
  assert.equal(share?.objective, 0.99);
  // 10 requests a second are 25,920,000 in 30 days, of which 259,200 may fail.
  assert.ok(Math.abs((share.budgetShare ?? 0) - 10 / 259_200) < 1e-12);
  for (const bounds of [
    [],
    [undefined],
    [{ atMost: 0.5 }],
    [{ atLeast: 0 }],
    [{ atLeast: 1 }],
    [{ atLeast: 3 }],
  ])
    assert.deepEqual(costOf(bounds), requests, JSON.stringify(bounds));
  assert.equal(costOf([{ atLeast: 1 }, { atLeast: 0.9 }])?.objective, 0.9);
  assert.deepEqual(costOf([{ atLeast: 0.9 }], [500]), requests);
  assert.deepEqual(costOf([{ atLeast: 0.9 }], []), requests);
});

test('a run came out as the worst of its trials that were not as expected', () => {
  const outcomeOf = (...trials: readonly (readonly [outcome: string, asExpected: boolean])[]) =>
    runOutcome(
      trials.map(([outcome, asExpected]) => ({ verdict: { outcome, asExpected } })) as unknown as Parameters<
        typeof runOutcome
      >[0],
    );
  assert.equal(outcomeOf(), 'inconclusive');
  assert.equal(outcomeOf(['held', true], ['violated', true], ['inconclusive', true]), 'held');
  assert.equal(outcomeOf(['held', true], ['inconclusive', false]), 'inconclusive');
  assert.equal(outcomeOf(['inconclusive', false], ['violated', false]), 'violated');
  assert.equal(outcomeOf(['violated', true], ['held', false]), 'violated');
});

test('a trial is named by its seeds and by where it took place, as far as that is known', () => {
  const { entries, verdict } = sampleTrial({ shape: 'held' });
  const machine = entries.find((entry) => entry.kind === 'trial.started')?.cluster.machineProfile;
  const record = { id: 'a', directory: 'a', entries, verdict, judged: true, problems: [] };
  const where = [
    ['provider', 'embedded'],
    ['kubernetes', 'v1.36.3'],
  ];
  assert.deepEqual(environmentOf(record), [...where, ['machine interface', machine]]);
  assert.deepEqual(environmentOf({ ...record, entries: [] }), [...where, ['machine interface', 'not known']]);
  const own = ['seed of the trial, made of that of the run', '5'];
  assert.deepEqual(seedsOf({ ...verdict, seed: 5, runSeed: 6 }), [['seed of the run, for --seed', '6'], own]);
  assert.deepEqual(seedsOf(given({ ...verdict, seed: 5, runSeed: undefined }) as Verdict), [own]);
});

const SAID = [
  'schema',
  'cluster',
  'versions',
  'digests',
  'deviations',
  'control',
  'targets',
  'asExpected',
  'marks',
  'findings',
  'recovery',
] as const;

test('of a trial that says nothing of itself nothing is made up', () => {
  const verdict = unjudged('a', [], 'no line');
  const unknown = { kind: 'unknown', reason: 'no line' };
  assert.deepEqual(Object.fromEntries(SAID.map((name) => [name, verdict[name]])), {
    ...{ schema: 2, cluster: { name: '', provider: '', kubernetesVersion: '', uid: '' } },
    ...{ versions: {}, digests: {}, deviations: [], control: false, targets: [], asExpected: false },
    ...{ marks: [], findings: [], recovery: unknown },
  });
});

test('a gap that the probe has told is not told again as a silence, and a silence that it has not told is', () => {
  const sample = (dueMonoMs: number, probeSeq: number): readonly [number, EntryBody] => [
    dueMonoMs,
    {
      ...{
        kind: 'probe.sample',
        target: 'web',
        probeSeq,
        dueMonoMs,
        ok: dueMonoMs % 100 === 0,
      },
      ...{ latencyMs: 1, lateMs: 0 },
    },
  ];
  const samples = [0, 50, 100, 150, 200, 2_000, 2_050, 2_100].map(sample);
  const gapsOf = (...told: readonly (readonly [fromMonoMs: number, toMonoMs: number])[]) => {
    const gaps = told.map(([fromMonoMs, toMonoMs]): readonly [number, EntryBody] => [
      toMonoMs,
      {
        ...{ kind: 'probe.gap', target: 'web', fromSeq: 99, toSeq: 99, fromMonoMs, toMonoMs, reason: 'late' },
      },
    ]);
    return probeSlis(journal([...samples, ...gaps]))[0]?.gaps.length;
  };
  const [sli] = probeSlis(journal(samples));
  assert.deepEqual(sli?.failuresMonoMs, [50, 150, 2_050]);
  assert.equal(sli.gaps.length, 1);
  const [{ fromMonoMs, toMonoMs } = { fromMonoMs: NaN, toMonoMs: NaN }] = sli.gaps;
  assert.equal(gapsOf([500, 900]), 1);
  assert.equal(gapsOf([fromMonoMs - 100, fromMonoMs]), 1, 'they touch at the beginning');
  assert.equal(gapsOf([toMonoMs, toMonoMs + 10]), 1, 'they touch at the end');
  assert.equal(gapsOf([fromMonoMs - 100, fromMonoMs - 1]), 2);
  assert.equal(gapsOf([toMonoMs + 1, toMonoMs + 10]), 2);
});

test('a spread without a measured value says how many trials never recovered, or cannot say', () => {
  const censored = (atLeastMs: number) => ({ kind: 'censored', atLeastMs }) as const;
  const spread = spreadOf([censored(60_000), { kind: 'no-impact' }, measuredAs(50), censored(30_000)]);
  assert.deepEqual(spread, { trials: 4, valuesMs: [0, 50], censoredAtMs: [30_000, 60_000], unknown: 0 });
  const said = (...durations: readonly Duration[]): string => describeSpread(spreadOf(durations));
  assert.equal(said(), 'n = 0');
  assert.equal(said({ kind: 'unknown', reason: '' }), 'n = 1, 1 cannot say');
  assert.equal(
    said(censored(60_000)),
    'n = 1, median at least 60.0 s (no 90 % interval at n = 1), 1 not recovered',
  );
  assert.equal(
    said({ kind: 'no-impact' }),
    'n = 1, median 0.0 s (no 90 % interval at n = 1), all of 1 within 0.0 s',
  );
});

test('what happens to an object at one instant is one change, and its life is told as far as the journal goes', () => {
  const event = (facts: object, more: object = {}) =>
    ({
      kind: 'watch',
      change: 'modified',
      object: 'Pod',
      name: 'a',
      uid: 'u',
      facts: { ...facts },
      ...more,
    }) as EntryBody;
  const lives = (...bodies: readonly (readonly [number, EntryBody])[]) =>
    resourceLives(journal(bodies), 'Pod');
  const [life, ...others] = lives(
    [100, event({ node: '' }, { namespace: 'shop' })],
    [100, event({ nodeName: 'n', app: 5 })],
    [200, event({ ready: true, app: 'web' })],
    [200, event({ ready: 'Unknown' })],
    [300, event({ phase: 'Running', node: 'm' })],
    [400, event({}, { uid: '' })],
    [500, event({}, { object: 'Node', uid: 'v' })],
  );
  assert.deepEqual(others, []);
  assert.deepEqual(life, {
    ...{ object: 'Pod', namespace: 'shop', name: 'a', uid: 'u', node: 'm', app: 'web' },
    ...{ scheduledMonoMs: 100, startedMonoMs: 200, readyMonoMs: 200 },
    stretches: [
      { fromMonoMs: 100, toMonoMs: 200, state: 'pending' },
      { fromMonoMs: 200, toMonoMs: 300, state: 'unknown' },
      { fromMonoMs: 300, toMonoMs: 500, state: 'not-ready' },
    ],
  });
  assert.deepEqual(lives(), []);
});
