/**
 * `npm run check`: the project's own tests, suite after suite, each with its time beside its budget and its last time, and
 * the slowest tests. Over budget is told, and is no failure: the machine may be busy.
 * The last line is `N passed, N failed`. A suite in which nothing passes is a failure, too.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../harness/core/errors.ts';
import { planSuites, suites } from './suites/catalogue.ts';
import { exitCodeOf, readOrTell, requireKnown, untilInterrupted } from './suites/command-line.ts';
import { runSuites } from './suites/run-suites.ts';
import { verdictLine } from './suites/tally.ts';

const NAMES = suites.map(({ name }) => name);
const USAGE = `usage: npm run check [-- --suite SUITE[,SUITE]]

suites: ${NAMES.join(', ')}
`;

const only = readOrTell(USAGE, () => {
  // npm has a setting called only: where no -- stands before that, it is gone without a trace, and everything would run.
  const { suite, only = suite } = parseArgs({
    options: { suite: { type: 'string' }, only: { type: 'string' } },
  }).values;
  const asked = only?.split(',');
  requireKnown('suite', asked ?? [], NAMES);
  return asked;
});

using interruption = untilInterrupted();
const { signal } = interruption;
const write = (text: string): void => void process.stdout.write(text);
const timesFile = join(import.meta.dirname, '..', '.firedrill', 'check-times.json');
const total = await runSuites(planSuites(suites, only), {
  ...{ signal, write, timesFile, areAll: only === undefined },
});
if (signal.aborted) write(`${messageOf(signal.reason)}: only what had ended until then is counted\n`);
process.exitCode = exitCodeOf(total.failed, 0, signal);
write(`${verdictLine(total)}\n`);
