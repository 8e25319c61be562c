/**
 * `npm run check`: the project's own tests, suite after suite, each with its time beside its budget and its last time, and
 * the slowest tests. Over budget is told, and is no failure: the machine may be busy.
 * The last line is `N passed, N failed`. No test at all is a failure, too.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { suites } from './suites/catalogue.ts';
import { keepTimes, readLastTimes } from './suites/last-times.ts';
import { planSuites } from './suites/plan.ts';
import { atMost, groupsOf } from './suites/side-by-side.ts';
import { stopSignal } from './suites/stop-signal.ts';
import type { Tally, TestTime } from './suites/tally.ts';
import { addTallies, verdictLine } from './suites/tally.ts';
import { outcomeLine, slowestLines, timeBesideBudget } from './suites/wording.ts';

const USAGE = `usage: npm run check [-- --only SUITE[,SUITE]]

suites: ${suites.map((suite) => suite.name).join(', ')}`;

function fail(message: string): never {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(64);
}

const args = process.argv.slice(2);
let only: string[] | undefined;
for (let index = 0; index < args.length; index++) {
  const arg = args[index] ?? '';
  if (arg === '--help') {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } else if (arg === '--only') only = (args[++index] ?? fail('--only needs the name of a suite')).split(',');
  else if (arg.startsWith('--only=')) only = arg.slice('--only='.length).split(',');
  else fail(`unknown option ${arg}`);
}
const unknown = (only ?? []).filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) fail(`unknown suite ${unknown.join(', ')}`);

const stop = stopSignal();
const interrupted = (): boolean => stop.aborted;
const lastTimesFile = join(import.meta.dirname, '..', '.firedrill', 'check-times.json');
const EVERYTHING = 'everything';
const lastTimes = readLastTimes(lastTimesFile);

const tallies: Tally[] = [];
const tests: TestTime[] = [];
const planned = planSuites(suites, only);
const startedMs = performance.now();
for (const group of groupsOf(planned))
  await atMost(availableParallelism(), group, async (suite) => {
    if (interrupted()) return;
    const suiteStartedMs = performance.now();
    const heading = `${suite.name}: ${suite.what}\n`;
    if (group.length === 1) process.stdout.write(heading);
    const result = await suite.run(stop);
    const seconds = (performance.now() - suiteStartedMs) / 1000;
    tallies.push(result);
    tests.push(...(result.times ?? []));
    process.stdout.write(
      `${group.length === 1 ? '' : heading}${result.output ?? ''}${outcomeLine(suite, result, seconds, lastTimes[suite.name])}\n\n`,
    );
    if (!interrupted()) keepTimes(lastTimesFile, { [suite.name]: seconds });
  });
if (only === undefined && !interrupted()) {
  const seconds = (performance.now() - startedMs) / 1000;
  const budgetMinutes = planned.reduce((sum, suite) => sum + suite.budgetMinutes, 0);
  process.stdout.write(`everything: ${timeBesideBudget(seconds, budgetMinutes, lastTimes[EVERYTHING])}\n\n`);
  keepTimes(lastTimesFile, { [EVERYTHING]: seconds });
}
if (tests.length > 0) process.stdout.write(`slowest tests:\n${slowestLines(tests, 10).join('\n')}\n\n`);
const total = addTallies(tallies);
if (interrupted()) process.stdout.write('interrupted: not every suite ran\n');
else if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
process.stdout.write(`${verdictLine(total)}\n`);
