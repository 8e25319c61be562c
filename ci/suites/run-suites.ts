import { z } from 'zod';
import { keep, readKept } from './kept.ts';
import { addTallies, failedIfEmpty, type Suite, type SuiteResult, type Tally } from './tally.ts';
import { slowestLines, timeBesideBudget } from './times.ts';

const SECONDS = z.number();
const EVERYTHING = 'everything';

interface SuitesRun {
  /** Ends the suite that runs, and begins no other: only what had ended is counted, and its times are not kept. */
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
  /** Where the times of the last run are kept. */
  readonly timesFile: string;
  /** None was left out, so that the time of all together means something. */
  readonly areAll: boolean;
}

/** Runs suites: those that only read sources beside each other, then the others in their order. */
export async function runSuites(suites: readonly Suite[], run: SuitesRun): Promise<Tally> {
  const { signal, write, timesFile, areAll } = run;
  const isInterrupted = (): boolean => signal.aborted;
  const lastTimes = readKept(timesFile, SECONDS);
  const results: SuiteResult[] = [];

  async function runSuite({ name, what, budgetMinutes, sideBySide = false, run }: Suite): Promise<void> {
    if (isInterrupted()) return;
    const startedMs = performance.now();
    const heading = `${name}: ${what}\n`;
    if (!sideBySide) write(heading);
    const ended = await run(signal);
    const result = isInterrupted() ? ended : failedIfEmpty(ended);
    const seconds = (performance.now() - startedMs) / 1000;
    results.push(result);
    const { passed, failed, skipped, output = '' } = result;
    const counts = `${passed} ok, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    const time = timeBesideBudget(seconds, budgetMinutes, lastTimes[name]);
    const verdict = `${name}: ${isInterrupted() ? 'interrupted, until then ' : ''}${counts} in ${time}`;
    write(`${sideBySide ? heading : ''}${output}${verdict}\n\n`);
    if (!isInterrupted()) keep(timesFile, SECONDS, { [name]: seconds });
  }

  const startedMs = performance.now();
  await Promise.all(suites.filter(({ sideBySide }) => sideBySide).map(runSuite));
  for (const suite of suites.filter(({ sideBySide }) => sideBySide !== true)) await runSuite(suite);
  if (areAll && !isInterrupted()) {
    const seconds = (performance.now() - startedMs) / 1000;
    const budgetMinutes = suites.reduce((sum, suite) => sum + suite.budgetMinutes, 0);
    write(`everything: ${timeBesideBudget(seconds, budgetMinutes, lastTimes[EVERYTHING])}\n\n`);
    keep(timesFile, SECONDS, { [EVERYTHING]: seconds });
  }
  const times = results.flatMap(({ times = [] }) => times);
  if (times.length > 0) write(`slowest tests:\n${slowestLines(times, 10).join('\n')}\n\n`);
  return addTallies(results);
}
