import { entriesOf } from '../../harness/core/journal/journal.ts';
import type { Bench } from './bench.ts';
import { BENCH_SCENARIOS, firedrill, runOfScenarios } from './scenario-run.ts';

/** What a command takes to its first injection on a cluster that is up: the first run sets the stage up, the others find it. */
export const firstInjection: Bench = {
  name: 'first-injection',
  what: 'npm test on a cluster that stays: start of the command to the first injection, from the second run on',
  target: '<= 6 s',
  unit: 's',
  runs: 5,
  long: true,
  async measure(runs, signal, log) {
    const name = `bench-${process.pid}`;
    await firedrill(['up', '--name', name]);
    try {
      const figures: number[] = [];
      for (let run = 1; run <= runs + 1; run++) {
        const seconds = await untilInjected(name, signal);
        log(`run ${run}: ${seconds.toFixed(2)} s`);
        figures.push(seconds);
      }
      return figures.slice(1);
    } finally {
      await firedrill(['down', '--name', name]);
    }
  },
};

async function untilInjected(cluster: string, signal: AbortSignal): Promise<number> {
  const startedWallMs = Date.now();
  const { journals } = await runOfScenarios(['first-injection', '--cluster', cluster], signal, {
    FIREDRILL_SCENARIOS: BENCH_SCENARIOS,
  });
  const applied = entriesOf(journals[0] ?? [], 'fault.applied')[0];
  if (applied === undefined) throw new Error('the trial did not get as far as its fault');
  return (applied.wallMs - startedWallMs) / 1000;
}
