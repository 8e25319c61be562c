import { dirname, join } from 'node:path';
import { commandSuite } from './command.ts';
import { nodeTestSuite, testFiles, unitTests } from './node-tests.ts';
import { realSuite } from './real.ts';
import { addTallies, type Suite } from './tally.ts';

const root = dirname(dirname(import.meta.dirname));
const program = (path: string): string => join(root, 'node_modules', path);
/** Where a static check keeps what it need not look at again. */
const cached = (name: string): string => join(root, '.firedrill', name);

/** A program that reads sources only. */
function staticCheck(name: string, budgetMinutes: number, what: string, args: readonly string[]): Suite {
  const run: Suite['run'] = (signal) => commandSuite(args, signal, { output: 'kept' });
  return { name, what, budgetMinutes, sideBySide: true, run };
}

/**
 * What `npm run check` runs, in this order: what fails fast comes first. Its budget is 20 minutes in all, warm and on two
 * cores: static checks 2, unit 3, contract 4, faults 3, meta 3, healer 1.5, platform and cloud 1.5, console 1, smoke 1.
 * A minute of the healer's is its simulation in `unit`; the rest, the faults and the platform are `real`; the
 * console's minute is `meta`'s.
 */
export const suites: readonly Suite[] = [
  staticCheck('types', 0.5, 'TypeScript, strict, over everything', [
    program('typescript/bin/tsc'),
    ...['-p', root, '--incremental', '--tsBuildInfoFile', cached('types.tsbuildinfo')],
  ]),
  staticCheck('lint', 1, 'ESLint', [join(root, 'ci', 'lint.ts')]),
  staticCheck('format', 0.5, 'Prettier', [
    ...[program('prettier/bin/prettier.cjs'), '--check', '--log-level=warn'],
    ...['--cache', '--cache-strategy=content', `--cache-location=${cached('format.json')}`],
    `${root}/**/*.{ts,mjs,js,json}`,
  ]),
  {
    ...{ name: 'unit', budgetMinutes: 3.5 },
    what: 'pure tests, next to the sources, and who may import whom',
    // They know what each limit is by itself.
    run: (signal) => nodeTestSuite(unitTests(root), 2, signal, { FIREDRILL_PATIENCE: '1' }),
  },
  {
    ...{ name: 'tools', budgetMinutes: 0.1 },
    what: 'the tool chain: found, downloaded, or built within about ten minutes',
    run: async (signal) => {
      const get = [join(root, 'harness/cli/firedrill.ts'), 'toolchain', 'get'];
      const main = await commandSuite(get, signal);
      // Tests of clusters that run already need what the main job does not; a check that was interrupted begins nothing more.
      return signal.aborted ? main : addTallies([main, await commandSuite([...get, 'kubectl'], signal)]);
    },
  },
  {
    ...{ name: 'real', budgetMinutes: 5.4, needs: 'tools' },
    what: 'parts against the real thing: processes, namespaces, API server, Prometheus, k6',
    run: (signal) => realSuite(testFiles('**/*.real.test.ts', root), root, signal),
  },
  {
    ...{ name: 'contract', budgetMinutes: 4, needs: 'tools' },
    what: 'what every provider promises, on two clusters of each',
    run: (signal) => nodeTestSuite(testFiles('**/*.contract.test.ts', root), 1, signal),
  },
  {
    ...{ name: 'meta', budgetMinutes: 4, needs: 'tools' },
    what: 'scenario files through the real command line: verdict, exit code, report',
    // One at a time: beside another cluster the probe of a trial has no processor, and its verdict is inconclusive.
    run: (signal) => nodeTestSuite(testFiles('**/*.meta.test.ts', root), 1, signal),
  },
  {
    ...{ name: 'smoke', budgetMinutes: 1, needs: 'tools' },
    what: 'one scenario on a real cluster',
    run: (signal) => {
      const args = ['scenarios/node-loss', '-g', 'loss of a node'];
      return commandSuite([join(root, 'harness/cli/test.ts'), ...args], signal);
    },
  },
];

/**
 * The suites that run, in their order: all, or those that are named with what they need. Tests have time limits of their own,
 * and building the tool chain takes longer than any of them: so the first suite that needs it comes after the one that makes it.
 */
export function planSuites(all: readonly Suite[], only?: readonly string[]): readonly Suite[] {
  const asked = all.filter(({ name }) => only === undefined || only.includes(name));
  return all.filter((suite) => asked.includes(suite) || asked.some(({ needs }) => needs === suite.name));
}
