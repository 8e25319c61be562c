import type { Bench } from './bench.ts';
import { figuresOf, type Goal, GOALS, goals, verdictsOf } from './goals.ts';
import { runOfScenarios } from './scenario-run.ts';

function measuring(goal: Goal): Bench['measure'] {
  return async (runs, signal, log) => {
    const args = [GOALS, '--grep', goal.title, '--repeat-each', String(runs)];
    const verdicts = verdictsOf(goal, (await runOfScenarios(args, signal)).verdicts);
    if (verdicts.length !== runs)
      throw new Error(`${runs} trials were asked for, and ${verdicts.length} have a verdict`);
    for (const verdict of verdicts) log(`${verdict.trialId}: ${verdict.outcome}, ${verdict.reason}`);
    const figures = figuresOf(goal, verdicts);
    if (figures.length === 0) throw new Error('no trial was conclusive, so there is no figure');
    return figures;
  };
}

const perGoal: readonly Bench[] = goals.map((goal) => ({
  name: goal.name,
  what: goal.what,
  target: goal.target,
  unit: 's',
  runs: 10,
  long: true,
  measure: measuring(goal),
}));

/** The whole command, from nothing to the report. */
function wholeCommand(
  facts: Pick<Bench, 'name' | 'what' | 'target' | 'needsKind'>,
  ...args: readonly string[]
): Bench {
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
    {
      name: 'power-off-kind',
      what: 'the same on kind, node image in the engine',
      target: '<= 120 s',
      needsKind: true,
    },
    ...POWER_OFF,
    ...['--provider', 'kind'],
  ),
];

/** Recovery of users and of capacity, per fault, from trials of real scenarios. */
export const recoveries: readonly Bench[] = [...perGoal, ...wholeCommands];
