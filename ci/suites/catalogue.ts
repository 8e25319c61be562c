import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandSuite } from './command.ts';
import { nodeTestSuite, testFiles } from './node-tests.ts';
import type { Suite } from './tally.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const program = (path: string): string => join(root, 'node_modules', path);

/** Tests that need this machine (root, network namespaces, the tool chain) or minutes; each has a suite of its own. */
const SLOW = /\.(real|contract|meta|long)\.test\.ts$/;

const TOOLS = ['tools'] as const;

/** What `npm run check` runs, in this order: what fails fast comes first. */
export const suites: readonly Suite[] = [
  {
    name: 'types',
    what: 'TypeScript, strict, over everything',
    run: (signal) => commandSuite(process.execPath, [program('typescript/bin/tsc'), '-p', root], signal),
  },
  {
    name: 'lint',
    what: 'ESLint, and who may import whom',
    run: (signal) =>
      commandSuite(process.execPath, [program('eslint/bin/eslint.js'), '--max-warnings=0', root], signal),
  },
  {
    name: 'format',
    what: 'Prettier',
    run: (signal) =>
      commandSuite(
        process.execPath,
        [
          program('prettier/bin/prettier.cjs'),
          '--check',
          '--log-level=warn',
          `${root}/**/*.{ts,mjs,js,json}`,
        ],
        signal,
      ),
  },
  {
    name: 'unit',
    what: 'pure tests, next to the sources',
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
    run: (signal) =>
      commandSuite(process.execPath, [join(root, 'harness/cli/firedrill.ts'), 'toolchain', 'get'], signal),
  },
  {
    name: 'real',
    needs: TOOLS,
    what: 'parts against the real thing: processes, namespaces, API server, Prometheus, k6',
    run: (signal) => nodeTestSuite(testFiles('**/*.real.test.ts', root), 1, signal),
  },
  {
    name: 'contract',
    needs: TOOLS,
    what: 'what every provider promises, on two clusters of each',
    run: (signal) => nodeTestSuite(testFiles('**/*.contract.test.ts', root), 1, signal),
  },
  {
    name: 'meta',
    needs: TOOLS,
    what: 'scenario files through the real command line: verdict, exit code, report',
    run: (signal) => nodeTestSuite(testFiles('**/*.meta.test.ts', root), 1, signal),
  },
  {
    name: 'smoke',
    needs: TOOLS,
    what: 'one scenario on a real cluster',
    run: (signal) =>
      commandSuite(
        process.execPath,
        [join(root, 'harness/cli/test.ts'), 'scenarios/node-loss', '-g', 'loss of a node'],
        signal,
      ),
  },
  {
    name: 'long',
    what: 'controls and repetitions that take minutes',
    long: true,
    needs: TOOLS,
    run: (signal) => nodeTestSuite(testFiles('**/*.long.test.ts', root), 1, signal),
  },
];
