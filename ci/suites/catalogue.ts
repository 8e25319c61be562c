import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandSuite } from './command.ts';
import { nodeTestSuite, testFiles } from './node-tests.ts';
import { realSuite } from './real.ts';
import type { Suite, SuiteResult } from './tally.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const program = (path: string): string => join(root, 'node_modules', path);
/** Where a static check keeps what it need not look at again. */
const cached = (name: string): string => join(root, '.firedrill', name);
const staticCheck = (args: readonly string[], signal: AbortSignal): Promise<SuiteResult> =>
  commandSuite(process.execPath, args, signal, { output: 'kept' });

/** Tests that need this machine (root, network namespaces, the tool chain) or minutes; each has a suite of its own. */
const SLOW = /\.(real|contract|meta|long)\.test\.ts$/;

const TOOLS = ['tools'] as const;

/**
 * What `npm run check` runs, in this order: what fails fast comes first. Its budget is 20 minutes in all, warm and on two
 * cores: static checks 2, unit 3, contract 4, faults 3, meta 3, healer 1.5, platform and cloud 1.5, console 1, smoke 1.
 * Of the healer's, half a minute is its simulation in `unit`; the rest, the faults and the platform are `real`; the
 * console's minute is `meta`'s.
 */
export const suites: readonly Suite[] = [
  {
    name: 'types',
    what: 'TypeScript, strict, over everything',
    budgetMinutes: 0.5,
    sideBySide: true,
    run: (signal) =>
      staticCheck(
        [
          program('typescript/bin/tsc'),
          '-p',
          root,
          '--incremental',
          '--tsBuildInfoFile',
          cached('types.tsbuildinfo'),
        ],
        signal,
      ),
  },
  {
    name: 'lint',
    what: 'ESLint, and who may import whom',
    budgetMinutes: 1,
    sideBySide: true,
    run: (signal) => staticCheck([join(root, 'ci', 'lint.ts')], signal),
  },
  {
    name: 'format',
    what: 'Prettier',
    budgetMinutes: 0.5,
    sideBySide: true,
    run: (signal) =>
      staticCheck(
        [
          program('prettier/bin/prettier.cjs'),
          '--check',
          '--log-level=warn',
          ...['--cache', '--cache-strategy=content', `--cache-location=${cached('format.json')}`],
          `${root}/**/*.{ts,mjs,js,json}`,
        ],
        signal,
      ),
  },
  {
    name: 'unit',
    what: 'pure tests, next to the sources',
    budgetMinutes: 3.5,
    run: (signal) =>
      nodeTestSuite(
        testFiles('**/*.test.ts', root).filter((file) => !SLOW.test(file)),
        2,
        signal,
      ),
  },
  {
    name: 'tools',
    what: 'the tool chain: found, downloaded, or built within about ten minutes',
    budgetMinutes: 0.1,
    run: (signal) =>
      commandSuite(process.execPath, [join(root, 'harness/cli/firedrill.ts'), 'toolchain', 'get'], signal),
  },
  {
    name: 'real',
    needs: TOOLS,
    what: 'parts against the real thing: processes, namespaces, API server, Prometheus, k6',
    budgetMinutes: 5.4,
    run: (signal) => realSuite(testFiles('**/*.real.test.ts', root), root, signal),
  },
  {
    name: 'contract',
    needs: TOOLS,
    what: 'what every provider promises, on two clusters of each',
    budgetMinutes: 4,
    run: (signal) => nodeTestSuite(testFiles('**/*.contract.test.ts', root), 1, signal),
  },
  {
    name: 'meta',
    needs: TOOLS,
    what: 'scenario files through the real command line: verdict, exit code, report',
    budgetMinutes: 4,
    // One at a time: beside another cluster the probe of a trial has no processor, and its verdict is inconclusive.
    run: (signal) => nodeTestSuite(testFiles('**/*.meta.test.ts', root), 1, signal),
  },
  {
    name: 'smoke',
    needs: TOOLS,
    what: 'one scenario on a real cluster',
    budgetMinutes: 1,
    run: (signal) =>
      commandSuite(
        process.execPath,
        [join(root, 'harness/cli/test.ts'), 'scenarios/node-loss', '-g', 'loss of a node'],
        signal,
      ),
  },
];
