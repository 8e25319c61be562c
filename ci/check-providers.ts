/**
 * `npm run check:providers -- NAME...`: the contract that every provider must pass, for some of them or for all.
 * The last line is `N passed, N failed`.
 */
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeTestSuite, testFiles } from './suites/node-tests.ts';
import { stopSignal } from './suites/stop-signal.ts';
import { verdictLine } from './suites/tally.ts';

const ENDING = '.contract.test.ts';
const files = testFiles(`**/*${ENDING}`, dirname(dirname(fileURLToPath(import.meta.url))));
const known = files.map((file) => basename(file, ENDING));

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown provider ${unknown.join(', ')}\nusage: npm run check:providers [-- ${known.join(' ')}]\n`,
  );
  process.exit(64);
}

const stop = stopSignal();

const chosen = files.filter((file) => asked.length === 0 || asked.includes(basename(file, ENDING)));
const tally = await nodeTestSuite(chosen, 1, stop);
if (tally.failed > 0 || tally.passed === 0) process.exitCode ??= 1;
process.stdout.write(`${verdictLine(tally)}\n`);
