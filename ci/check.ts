/**
 * `npm run check`: the project's own tests, suite after suite, each with its time.
 * The last line is `N passed, N failed`. No test at all is a failure, too.
 */
import { suites } from './suites/catalogue.ts';
import { planSuites } from './suites/plan.ts';
import { stopSignal } from './suites/stop-signal.ts';
import type { Tally } from './suites/tally.ts';
import { addTallies, verdictLine } from './suites/tally.ts';

const USAGE = `usage: npm run check [-- --only SUITE[,SUITE]] [--long]

suites: ${suites.map((suite) => suite.name).join(', ')}`;

function fail(message: string): never {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(64);
}

const args = process.argv.slice(2);
let only: string[] | undefined;
let long = false;
for (let index = 0; index < args.length; index++) {
  const arg = args[index] ?? '';
  if (arg === '--help') {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } else if (arg === '--long') long = true;
  else if (arg === '--only') only = (args[++index] ?? fail('--only needs the name of a suite')).split(',');
  else if (arg.startsWith('--only=')) only = arg.slice('--only='.length).split(',');
  else fail(`unknown option ${arg}`);
}
const unknown = (only ?? []).filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) fail(`unknown suite ${unknown.join(', ')}`);

const stop = stopSignal();

const tallies: Tally[] = [];
for (const suite of planSuites(suites, { only, long })) {
  if (stop.aborted) break;
  const startedMs = performance.now();
  process.stdout.write(`${suite.name}: ${suite.what}\n`);
  const tally = await suite.run(stop);
  tallies.push(tally);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(
    `${suite.name}: ${tally.passed} ok, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''} in ${seconds} s\n\n`,
  );
}
const total = addTallies(tallies);
if (stop.aborted) process.stdout.write('interrupted: not every suite ran\n');
else if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
process.stdout.write(`${verdictLine(total)}\n`);
