import type { Duration, Verdict } from '../../harness/core/verdict.ts';
import type { Bench, Measured } from './bench.ts';
import { runOfScenarios } from './scenario-run.ts';

/** The scenario file whose trials give the recoveries of the README. */
export const GOALS = 'scenarios/goals';

const POWER = 'power lost: ';

/** Recoveries that were promised: name, target, how the title of the trials begins, and which duration of their verdicts it is. */
export const goals: readonly (readonly [string, string, string, 'recovery' | 'capacity'])[] = [
  ['power-off-users', '<= 5 s', POWER, 'recovery'],
  ['power-off-capacity', '<= 8 s', POWER, 'capacity'],
  ['leader-users', '<= 12 s', "power lost, and the healer's leader", 'recovery'],
  ['freeze-users', '<= 20 s', 'a machine that hangs', 'recovery'],
  ['cable-users', '<= 20 s', 'a cable that is cut', 'recovery'],
];

/**
 * The figures in seconds of each conclusive trial of a run: what an inconclusive one has measured is no figure. A recovery
 * that never came is told as one that never ended (infinity), not left out.
 */
export function recoveriesIn(verdicts: readonly Verdict[]): readonly Measured[] {
  return verdicts
    .filter(({ outcome }) => outcome !== 'inconclusive')
    .map((verdict) => {
      const its = goals.filter(
        ([, , title]) => verdict.title.split(' › ').at(-1)?.startsWith(title) === true,
      );
      return Object.fromEntries(its.map(([name, , , of]) => [name, secondsOf(verdict[of])]));
    });
}

export function secondsOf(duration: Duration): number {
  if (duration.kind === 'measured') return duration.ms / 1000;
  return duration.kind === 'no-impact' ? 0 : Number.POSITIVE_INFINITY;
}

/** Recovery of users and of capacity, per fault. */
export const recoveries: readonly Bench[] = [...Map.groupBy(goals, ([, , title]) => title)].map(
  ([title, figures]) => ({
    what: `recoveries of users and capacity in the trials of ${GOALS} whose title begins with "${title.trim()}"`,
    figures: Object.fromEntries(figures.map(([name, target]) => [name, { unit: 's', target }])),
    ...{ runs: 10, long: true },
    async *measure(runs, signal) {
      const args = [GOALS, '--grep', title, '--repeat-each', String(runs)];
      const { verdicts } = await runOfScenarios(args, signal);
      if (verdicts.length !== runs)
        throw new Error(`${runs} trials were asked for, and ${verdicts.length} have a verdict`);
      yield* recoveriesIn(verdicts);
    },
  }),
);
