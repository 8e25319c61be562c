import type { Verdict } from '../../harness/core/verdict.ts';
import type { Bench } from './bench.ts';
import { runOfScenarios } from './scenario-run.ts';

type Figure = (verdict: Verdict) => Verdict['recovery'];

function trialsOf(scenario: string, title: string, figure: Figure): Bench['measure'] {
  return async (runs, signal, log) => {
    const args = [scenario, '--grep', title, '--repeat-each', String(runs)];
    const { verdicts } = await runOfScenarios(args, signal);
    if (verdicts.length !== runs)
      throw new Error(`${runs} trials were asked for, and ${verdicts.length} have a verdict`);
    for (const verdict of verdicts)
      log(`${verdict.trialId}: ${verdict.outcome}, ${inWords(figure(verdict))}`);
    // What an inconclusive trial has measured is no figure; that it was there has been told above.
    const conclusive = verdicts.filter((verdict) => verdict.outcome !== 'inconclusive');
    if (conclusive.length === 0) throw new Error('no trial was conclusive, so there is no figure');
    return conclusive.map((verdict) => secondsOf(figure(verdict)));
  };
}

function inWords(duration: Verdict['recovery']): string {
  return duration.kind === 'measured' ? `${(duration.ms / 1000).toFixed(2)} s` : duration.kind;
}

/** A trial whose recovery never came is told as one that never ended, not left out. */
function secondsOf(duration: Verdict['recovery']): number {
  if (duration.kind === 'measured') return duration.ms / 1000;
  return duration.kind === 'no-impact' ? 0 : Number.POSITIVE_INFINITY;
}

const faults = [
  ['power-off', 'the loss of a node', '<= 5 s', '<= 8 s'],
  ['freeze', 'a node that hangs', '<= 20 s', 'no promise'],
  ['cable', 'a node whose cable is cut', '<= 20 s', 'no promise'],
] as const;

const perFault: readonly Bench[] = faults.flatMap(([name, title, users, capacity]) => [
  {
    name: `${name}-users`,
    what: `users restored after ${title}`,
    target: users,
    unit: 's',
    runs: 10,
    long: true,
    measure: trialsOf('scenarios/node-loss', title, (verdict) => verdict.recovery),
  },
  {
    name: `${name}-capacity`,
    what: `all replicas Ready after ${title}`,
    target: capacity,
    unit: 's',
    runs: 10,
    long: true,
    measure: trialsOf('scenarios/node-loss', title, (verdict) => verdict.capacity),
  },
]);

const leaderUsers: Bench = {
  name: 'leader-users',
  what: "users restored after the loss of the node of the healer's leader",
  target: 'no promise',
  unit: 's',
  runs: 10,
  long: true,
  measure: trialsOf('scenarios/healer-leader-loss', '.', (verdict) => verdict.recovery),
};

/** The whole command, from nothing to the report. */
function wholeCommand(facts: Pick<Bench, 'name' | 'what' | 'target'>, ...args: readonly string[]): Bench {
  return {
    ...facts,
    unit: 's',
    runs: 3,
    long: true,
    async measure(runs, signal, log) {
      const figures: number[] = [];
      for (let run = 0; run < runs; run++) {
        const { seconds, verdicts } = await runOfScenarios(['scenarios/node-loss', ...args], signal);
        const outcomes = verdicts.map((verdict) => verdict.outcome).join(', ');
        log(`run ${run + 1}: ${seconds.toFixed(1)} s, ${outcomes}`);
        figures.push(seconds);
      }
      return figures;
    },
  };
}

const POWER_OFF = ['-g', 'loss of a node'] as const;

const wholeCommands = [
  wholeCommand({
    name: 'node-loss-cached',
    what: 'npm test -- scenarios/node-loss: three faults with their cluster and report, tools cached',
    target: '<= 120 s',
  }),
  wholeCommand(
    { name: 'power-off-embedded', what: 'its power-off alone, on an embedded cluster', target: 'no promise' },
    ...POWER_OFF,
    ...['--provider', 'embedded'],
  ),
  wholeCommand(
    { name: 'power-off-kind', what: 'the same on kind, node image in the engine', target: '<= 120 s' },
    ...POWER_OFF,
    ...['--provider', 'kind'],
  ),
];

/** Recovery of users and of capacity, per fault, from trials of real scenarios. */
export const recoveries: readonly Bench[] = [...perFault, leaderUsers, ...wholeCommands];
