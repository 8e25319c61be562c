/**
 * `npm run check`: the project's own tests, suite after suite, each with its time beside its budget and its last time, and
 * the slowest tests. Over budget is told, and is no failure: the machine may be busy.
 * The last line is `N passed, N failed`. A suite in which nothing passes is a failure, too.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Interrupted, listenForInterruption } from '../harness/run/interruption.ts';
import { planSuites, suites } from './suites/catalogue.ts';
import { readOrTell, requireKnown } from './suites/command-line.ts';
import { keep, readKept } from './suites/kept.ts';
import { addTallies, failedIfEmpty, type Suite, type SuiteResult, verdictLine } from './suites/tally.ts';
import { slowestLines, timeBesideBudget } from './suites/times.ts';

const NAMES = suites.map(({ name }) => name);
const USAGE = `usage: npm run check [-- --only SUITE[,SUITE]]

suites: ${NAMES.join(', ')}
`;
const write = (text: string): void => void process.stdout.write(text);

const only = readOrTell(USAGE, () => {
  const asked = parseArgs({ options: { only: { type: 'string' } } }).values.only?.split(',');
  requireKnown('suite', asked ?? [], NAMES);
  return asked;
});

using interruption = listenForInterruption(() => process.exit(1));
const { signal } = interruption;
const isInterrupted = (): boolean => signal.aborted;
const lastTimesFile = join(import.meta.dirname, '..', '.firedrill', 'check-times.json');
const SECONDS = z.number();
const EVERYTHING = 'everything';
const lastTimes = readKept(lastTimesFile, SECONDS);
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
  const left = skipped > 0 ? `, ${skipped} skipped` : '';
  const time = timeBesideBudget(seconds, budgetMinutes, lastTimes[name]);
  write(`${sideBySide ? heading : ''}${output}${name}: ${passed} ok, ${failed} failed${left} in ${time}\n\n`);
  if (!isInterrupted()) keep(lastTimesFile, SECONDS, { [name]: seconds });
}

const startedMs = performance.now();
const planned = planSuites(suites, only);
await Promise.all(planned.filter(({ sideBySide }) => sideBySide).map(runSuite));
for (const suite of planned.filter(({ sideBySide }) => sideBySide !== true)) await runSuite(suite);

if (only === undefined && !isInterrupted()) {
  const seconds = (performance.now() - startedMs) / 1000;
  const budgetMinutes = planned.reduce((sum, suite) => sum + suite.budgetMinutes, 0);
  write(`everything: ${timeBesideBudget(seconds, budgetMinutes, lastTimes[EVERYTHING])}\n\n`);
  keep(lastTimesFile, SECONDS, { [EVERYTHING]: seconds });
}
const slowest = slowestLines(
  results.flatMap(({ times = [] }) => times),
  10,
);
if (slowest.length > 0) write(`slowest tests:\n${slowest.join('\n')}\n\n`);
const total = addTallies(results);
if (isInterrupted()) {
  write('interrupted: not every suite ran\n');
  process.exitCode = (signal.reason as Interrupted).exitCode;
} else if (total.failed > 0) process.exitCode = 1;
write(`${verdictLine(total)}\n`);
