import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import { runProgram } from '../suites/command.ts';
import type { Bench } from './bench.ts';
import { runOfScenarios } from './scenario-run.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FIREDRILL = join(ROOT, 'harness', 'cli', 'firedrill.ts');
const BOOTSTRAP = join(ROOT, 'ci', 'bootstrap.mjs');
/** What the bootstrap tells whom it starts: without it the two could not be compared. */
const COMPILED = { NODE_COMPILE_CACHE: join(ROOT, '.firedrill', 'compile-cache') };
const POWER_OFF = ['-g', 'loss of a node', '--provider'];

/** Programs and commands as a whole. */
export const commands: readonly Bench[] = [
  {
    what: 'the bootstrap when nothing is to be installed: `firedrill --help` with it less without it',
    figures: { bootstrap: { unit: 'ms', target: '< 100 ms' } },
    runs: 7,
    async *measure(_, signal) {
      for (;;) {
        const through = await secondsOf([BOOTSTRAP, 'firedrill', '--help'], signal, COMPILED);
        const without = await secondsOf([FIREDRILL, '--help'], signal, COMPILED);
        yield { bootstrap: 1000 * (through - without) };
      }
    },
  },
  {
    what: 'every tool found in the cache, as a whole command',
    figures: { tools: { unit: 's', target: '<= 0.3 s' } },
    runs: 7,
    async *measure(_, signal) {
      for (;;) yield { tools: await secondsOf([FIREDRILL, 'toolchain', 'get'], signal) };
    },
  },
  {
    what: 'every tool built from its modules, with no cache of ours and none of Go',
    figures: { 'tools-cold': { unit: 's', target: '<= 540 s' } },
    ...{ runs: 1, long: true },
    async *measure(_, signal) {
      for (;;) {
        const folder = makeTemporaryFolder('firedrill-cold-');
        const caches = {
          GOCACHE: join(folder, 'go'),
          GOMODCACHE: join(folder, 'mod'),
          XDG_CACHE_HOME: folder,
        };
        const environment = { ...caches, FIREDRILL_TOOLCHAIN: 'build' };
        try {
          yield { 'tools-cold': await secondsOf([FIREDRILL, 'toolchain', 'get'], signal, environment) };
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }
    },
  },
  nodeLoss(
    'node-loss-cached',
    { target: '<= 120 s' },
    'three faults with their cluster and report, tools cached',
    [],
  ),
  nodeLoss('power-off-embedded', {}, 'its power-off alone, on embedded', [...POWER_OFF, 'embedded']),
  {
    ...nodeLoss('power-off-kind', { target: '<= 120 s' }, 'its power-off alone, on kind', [
      ...POWER_OFF,
      'kind',
    ]),
    needsKind: true,
  },
];

function nodeLoss(
  name: string,
  promise: { readonly target?: string },
  what: string,
  args: readonly string[],
): Bench {
  return {
    what: `npm test -- scenarios/node-loss: ${what}`,
    figures: { [name]: { unit: 's', ...promise } },
    ...{ runs: 3, long: true },
    async *measure(_, signal) {
      for (;;) yield { [name]: (await runOfScenarios(['scenarios/node-loss', ...args], signal)).seconds };
    },
  };
}

async function secondsOf(
  args: readonly string[],
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = {},
): Promise<number> {
  const startedMs = performance.now();
  const { code, output } = await runProgram(args, signal, { environment, output: 'kept' });
  if (code !== 0) throw new Error(`${args.join(' ')} exited with code ${code ?? '?'}: ${output}`);
  return (performance.now() - startedMs) / 1000;
}
