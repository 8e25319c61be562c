import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';

const ROOT = join(import.meta.dirname, '..', '..');

function timed(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): number {
  const startedMs = performance.now();
  const env = { ...process.env, ...environment };
  const { status, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', env });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} exited with code ${status ?? '?'}: ${stderr}`);
  return performance.now() - startedMs;
}

/** What the bootstrap costs when everything is installed, beside the Node that it hands over to. */
export const bootstrap: Bench = {
  name: 'bootstrap',
  what: 'the bootstrap when nothing is to be installed: `firedrill --help` with it less without it',
  target: '< 100 ms',
  unit: 'ms',
  runs: 7,
  measure(runs) {
    const figures = Array.from({ length: runs }, () => {
      const through = timed('node', [join(ROOT, 'ci', 'bootstrap.mjs'), 'firedrill', '--help']);
      return through - timed(process.execPath, [join(ROOT, 'harness', 'cli', 'firedrill.ts'), '--help']);
    });
    return Promise.resolve(figures);
  },
};

/** The whole tool chain, when it is in the cache. */
export const tools: Bench = {
  name: 'tools',
  what: 'every tool found in the cache, as a whole command',
  target: '<= 0.3 s',
  unit: 's',
  runs: 7,
  measure(runs) {
    const args = [join(ROOT, 'harness', 'cli', 'firedrill.ts'), 'toolchain', 'get'];
    return Promise.resolve(Array.from({ length: runs }, () => timed(process.execPath, args) / 1000));
  },
};

/** The whole tool chain from modules, with no cache of ours and none of Go's. */
export const toolsCold: Bench = {
  name: 'tools-cold',
  what: 'every tool built from its modules, with empty caches',
  target: '<= 600 s',
  unit: 's',
  runs: 1,
  long: true,
  measure(runs) {
    const figures = Array.from({ length: runs }, () => {
      const folder = mkdtempSync(join(tmpdir(), 'firedrill-cold-'));
      try {
        const args = [join(ROOT, 'harness', 'cli', 'firedrill.ts'), 'toolchain', 'get'];
        const caches = {
          XDG_CACHE_HOME: folder,
          GOCACHE: join(folder, 'go'),
          GOMODCACHE: join(folder, 'mod'),
        };
        const environment = { ...caches, FIREDRILL_TOOLCHAIN: 'build' };
        return timed(process.execPath, args, environment) / 1000;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
    return Promise.resolve(figures);
  },
};
