import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import { type Bench, NO_PROMISE } from './bench.ts';
import { runOfScenarios } from './scenario-run.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FIREDRILL = join(ROOT, 'harness', 'cli', 'firedrill.ts');
const POWER_OFF = ['-g', 'loss of a node', '--provider'];

/** Programs and commands as a whole. */
export const commands: readonly Bench[] = [
  {
    what: 'the bootstrap when nothing is to be installed: `firedrill --help` with it less without it',
    targets: { bootstrap: '< 100 ms' },
    ...{ unit: 'ms', runs: 7 },
    *measure() {
      for (;;) {
        const through = secondsOf('node', [join(ROOT, 'ci', 'bootstrap.mjs'), 'firedrill', '--help']);
        yield { bootstrap: 1000 * (through - secondsOf(process.execPath, [FIREDRILL, '--help'])) };
      }
    },
  },
  {
    what: 'every tool found in the cache, as a whole command',
    targets: { tools: '<= 0.3 s' },
    ...{ unit: 's', runs: 7 },
    *measure() {
      for (;;) yield { tools: secondsOf(process.execPath, [FIREDRILL, 'toolchain', 'get']) };
    },
  },
  {
    what: 'every tool built from its modules, with no cache of ours and none of Go',
    targets: { 'tools-cold': '<= 600 s' },
    ...{ unit: 's', runs: 1, long: true },
    *measure() {
      for (;;) {
        const folder = makeTemporaryFolder('firedrill-cold-');
        const caches = {
          GOCACHE: join(folder, 'go'),
          GOMODCACHE: join(folder, 'mod'),
          XDG_CACHE_HOME: folder,
        };
        const environment = { ...caches, FIREDRILL_TOOLCHAIN: 'build' };
        const seconds = secondsOf(process.execPath, [FIREDRILL, 'toolchain', 'get'], environment);
        rmSync(folder, { recursive: true, force: true });
        yield { 'tools-cold': seconds };
      }
    },
  },
  nodeLoss('node-loss-cached', '<= 120 s', 'three faults with their cluster and report, tools cached', []),
  nodeLoss('power-off-embedded', NO_PROMISE, 'its power-off alone, on embedded', [...POWER_OFF, 'embedded']),
  {
    ...nodeLoss('power-off-kind', '<= 120 s', 'its power-off alone, on kind', [...POWER_OFF, 'kind']),
    needsKind: true,
  },
];

function nodeLoss(name: string, target: string, what: string, args: readonly string[]): Bench {
  return {
    what: `npm test -- scenarios/node-loss: ${what}`,
    targets: { [name]: target },
    ...{ unit: 's', runs: 3, long: true },
    async *measure(_, signal) {
      for (;;) yield { [name]: (await runOfScenarios(['scenarios/node-loss', ...args], signal)).seconds };
    },
  };
}

function secondsOf(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): number {
  const startedMs = performance.now();
  const env = { ...process.env, ...environment };
  const { status, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', env });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} exited with code ${status ?? '?'}: ${stderr}`);
  return (performance.now() - startedMs) / 1000;
}
