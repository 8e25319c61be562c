import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';
import { meanPressure, pressureWithin, takenShare } from '../../harness/core/recovery/host-pressure.ts';
import type { Verdict } from '../../harness/core/verdict.ts';
import { busyPrograms } from '../../harness/testing/busy-programs.ts';
import type { Bench, Measured } from './bench.ts';
import { GOALS, secondsOf } from './goals.ts';
import { firedrill, runOfScenarios } from './scenario-run.ts';

/** Programs that do nothing but run, beside the cluster; a part of one rests for the rest. */
const LEVELS = [0, 0.25, 0.5, 0.75, 1, 2, 4, 8, 16];
/** Trials of one level before the next. */
const TRIALS = 5;
/** From the fault on: the limit of the claim. */
const LIMIT_MS = 5_000;
const UNITS = { users: 's', capacity: 's', taken: '%', others: '%', idle: '%', threads: 'per core' };

/** How much longer a recovery takes the more others take of the processors: what the judge's threshold of starvation rests on. */
export const starving: readonly Bench[] = [
  {
    what: `a node powered off beside ${LEVELS.join(', ')} programs that do nothing but run: users and capacity restored; within the users' limit what others took of the processors while none was idle, what they had, what nobody wanted, and threads that wanted each`,
    figures: Object.fromEntries(
      LEVELS.flatMap((level) =>
        Object.entries(UNITS).map(([name, unit]) => [`starved-${level}-${name}`, { unit }]),
      ),
    ),
    ...{ runs: 10, long: true },
    async *measure(_, signal) {
      const name = `bench-${process.pid}`;
      await firedrill(['up', '--name', name], signal);
      try {
        for (;;) {
          const levels: Measured[][] = [];
          for (const level of LEVELS) levels.push(await trialsBeside(level, name, signal));
          for (let trial = 0; trial < TRIALS; trial++)
            yield Object.assign({}, ...levels.map((trials) => trials[trial])) as Measured;
        }
      } finally {
        await firedrill(['down', '--name', name]);
      }
    },
  },
];

async function trialsBeside(level: number, cluster: string, signal: AbortSignal): Promise<Measured[]> {
  using _busy = busyPrograms(level);
  const args = [GOALS, '-g', 'power lost: ', '--repeat-each', `${TRIALS}`, '--cluster', cluster];
  const { verdicts, journals } = await runOfScenarios(args, signal);
  return verdicts.map((verdict, trial) => figuresOf(level, verdict, journals[trial] ?? []));
}

/** Also of a trial that is inconclusive: whether it was starved is the question. */
function figuresOf(level: number, verdict: Verdict, entries: readonly Entry[]): Measured {
  const fromMs = entriesOf(entries, 'fault.effective')[0]?.effectiveMonoMs ?? Number.NaN;
  const told = pressureWithin(entries, fromMs, fromMs + LIMIT_MS);
  const mean = (of: Parameters<typeof meanPressure>[1]): number => meanPressure(told, of)?.mean ?? Number.NaN;
  const figures: Record<keyof typeof UNITS, number> = {
    users: secondsOf(verdict.recovery),
    capacity: secondsOf(verdict.capacity),
    taken: 100 * mean(takenShare),
    others: 100 * mean(({ othersShare }) => othersShare),
    idle: 100 * mean(({ idleShare }) => idleShare),
    threads: mean(({ runnablePerCore }) => runnablePerCore),
  };
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [`starved-${level}-${name}`, figure]),
  );
}
