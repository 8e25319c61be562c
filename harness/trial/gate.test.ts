import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryBody } from '../core/journal/journal.ts';
import type { Slo } from '../core/slo/slo.ts';
import { gateReasons, type GateView } from './gate.ts';

const NOW_MS = 100_000;
const settings = { steadyForMs: 2_000, goodShare: 0.99, probeIntervalMs: 50, capacity: true, objectives: [] };
const calm: GateView = {
  nodes: [{ name: 'node-1', ready: true, schedulable: true }],
  residue: [],
  stops: [],
};

function journal(bodies: readonly EntryBody[]): readonly Entry[] {
  return bodies.map((body, seq) => ({ seq, monoMs: NOW_MS, wallMs: 0, ...body }));
}
const replicas = (ready: number): EntryBody => ({ kind: 'capacity', selector: 'app=web', ready, wanted: 6 });

/** Five seconds of probe up to now, all answered; those due in the last `badMs` fail. */
function probe(badMs = 0, until = NOW_MS): EntryBody[] {
  return Array.from({ length: 100 }, (_, index) => {
    const dueMonoMs = until - 5_000 + index * 50;
    const ok = dueMonoMs < NOW_MS - badMs;
    return { kind: 'probe.sample', target: 'web', probeSeq: index, dueMonoMs, ok, latencyMs: 3, lateMs: 0 };
  });
}
const reasons = (view: Partial<GateView>, bodies: readonly EntryBody[]): readonly string[] =>
  gateReasons({ ...calm, ...view }, journal(bodies), NOW_MS, settings);

test('a steady start opens the gate', () => {
  assert.deepEqual(reasons({}, [replicas(6), ...probe()]), []);
});

test('each thing that is wrong is a reason, all together', () => {
  const found = reasons(
    {
      residue: ['node-2 is frozen'],
      nodes: [
        { name: 'node-1', ready: false, schedulable: true },
        { name: 'node-2', ready: true, schedulable: false },
      ],
    },
    [replicas(5), ...probe(1_000)],
  );
  assert.equal(found.length, 5);
  assert.match(
    found.join('\n'),
    /node-2 is frozen[^]*node-1 is not Ready[^]*node-2 is cordoned[^]*5 of 6 replicas[^]*requests of the last 2 s failed/,
  );
});

test('a stop condition that holds or cannot be read keeps the gate shut, one that is clear does not', () => {
  const stops = (['true', 'unreadable', 'clear'] as const).map((state) => ({
    name: `budget-${state}`,
    state,
    detail: 'said',
  }));
  assert.deepEqual(reasons({ stops }, [replicas(6), ...probe()]), [
    'the stop condition "budget-true" holds: said',
    'the stop condition "budget-unreadable" cannot be read: said',
  ]);
});

test('nothing is broken where nobody would clean up in our place', () => {
  const reaperMissing = '0 of 1 replicas are available';
  assert.deepEqual(reasons({ reaperMissing }, [replicas(6), ...probe()]), [
    'the reaper is not ready: 0 of 1 replicas are available',
  ]);
});

test('a probe without samples is no steady state', () => {
  assert.match(reasons({}, [replicas(6)])[0] ?? '', /the probe has 0 of 40 samples/);
  assert.match(reasons({}, [replicas(6), ...probe(0, NOW_MS - 3_000)])[0] ?? '', /the probe has/);
});

test('samples count up to the first that is under way, and for no longer than one can be', () => {
  const lacking = (fromMs: number, toMs: number, badMs = 0): readonly EntryBody[] =>
    probe(badMs).filter(
      (entry) =>
        entry.kind !== 'probe.sample' ||
        entry.dueMonoMs < NOW_MS - fromMs ||
        entry.dueMonoMs >= NOW_MS - toMs,
    );
  // The newest answer is there, but what came before it is not.
  assert.deepEqual(reasons({}, [replicas(6), ...lacking(500, 400)]), []);
  assert.deepEqual(reasons({}, [replicas(6), ...lacking(500, 400, 400)]), []);
  assert.match(
    reasons({}, [replicas(6), ...lacking(1_500, 1_300)])[0] ?? '',
    /the probe has 3[67] of 40 samples/,
  );
  assert.match(reasons({}, [replicas(6), ...probe(100)])[0] ?? '', /2 of 40 requests/);
});

test('the last known number of replicas counts', () => {
  assert.deepEqual(reasons({}, [replicas(5), replicas(6), ...probe()]), []);
  assert.equal(reasons({}, [replicas(6), replicas(5), ...probe()]).length, 1);
  assert.match(reasons({}, probe())[0] ?? '', /not known yet/);
});

test('nothing wanted is nothing proven', () => {
  const none: EntryBody = { kind: 'capacity', selector: 'app=web', ready: 0, wanted: 0 };
  assert.equal(reasons({}, [none, ...probe()]).length, 1);
});

const objective: Slo = {
  id: 'slo-1',
  name: 'availability',
  query: 'x',
  bound: { atLeast: 0.99 },
  stableForMs: 5_000,
};
const series = (values: readonly (number | null)[], problem?: string): EntryBody => ({
  kind: 'promql.series',
  sloId: 'slo-1',
  query: 'x',
  startWallMs: 0,
  endWallMs: 0,
  stepMs: 1_000,
  scrapeIntervalMs: 1_000,
  windowMs: 4_000,
  points: values.map((value, index) => [index * 1_000, value]),
  ...(problem === undefined ? {} : { problem: { name: 'no-data', message: problem } }),
});
const objectiveReasons = (...bodies: readonly EntryBody[]): readonly string[] =>
  gateReasons(calm, journal([replicas(6), ...probe(), ...bodies]), NOW_MS, {
    ...settings,
    objectives: [objective],
  });

test('an objective has to hold over the range of its query before anything is injected', () => {
  assert.deepEqual(objectiveReasons(series([null, 1, 1, 1, 1])), []);
  assert.match(
    objectiveReasons(series([null, null, 1, 1]))[0] ?? '',
    /availability holds at 2 of the last 4 scrapes/,
  );
  assert.match(
    objectiveReasons(series([1, 1, 1, 0.5]))[0] ?? '',
    /availability holds at 3 of the last 4 scrapes/,
  );
  assert.match(objectiveReasons()[0] ?? '', /was not asked of Prometheus yet/);
  assert.match(
    objectiveReasons(series([1, 1, 1, 1], 'no series matches'))[0] ?? '',
    /availability: no series matches/,
  );
});
