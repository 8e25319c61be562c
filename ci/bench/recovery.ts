import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../harness/core/verdict.ts';
import type { Bench } from './bench.ts';

const ROOT = join(import.meta.dirname, '..', '..');

function trialsOf(title: string, figure: (verdict: Verdict) => Verdict['recovery']) {
  return async (runs: number, signal: AbortSignal, log: (line: string) => void): Promise<number[]> => {
    const child = spawn(
      process.execPath,
      [
        join(ROOT, 'harness', 'cli', 'test.ts'),
        ...['scenarios/node-loss', '--grep', title, '--repeat-each', String(runs)],
      ],
      { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], signal },
    );
    await new Promise((resolve) => child.once('close', resolve));
    const trials = join(realpathSync(join(ROOT, 'reports', 'out', 'latest')), 'trials');
    return readdirSync(trials).map((trial) => {
      const verdict = JSON.parse(readFileSync(join(trials, trial, 'verdict.json'), 'utf8')) as Verdict;
      const duration = figure(verdict);
      log(
        `${trial}: ${verdict.outcome}, ${duration.kind === 'measured' ? `${(duration.ms / 1000).toFixed(2)} s` : duration.kind}`,
      );
      // A trial without a figure is told as one that never ended, not left out.
      return duration.kind === 'measured'
        ? duration.ms / 1000
        : duration.kind === 'no-impact'
          ? 0
          : Number.POSITIVE_INFINITY;
    });
  };
}

const faults = [
  ['power-off', 'the loss of a node', '<= 5 s', '<= 8 s'],
  ['freeze', 'a node that hangs', '<= 20 s', 'no promise'],
  ['cable', 'a node whose cable is cut', '<= 20 s', 'no promise'],
] as const;

/** Recovery of users and of capacity, per fault, from trials of scenarios/node-loss. */
export const recoveries: readonly Bench[] = faults.flatMap(([name, title, users, capacity]) => [
  {
    name: `${name}-users`,
    what: `users restored after ${title}`,
    target: users,
    unit: 's',
    runs: 10,
    long: true,
    measure: trialsOf(title, (verdict) => verdict.recovery),
  },
  {
    name: `${name}-capacity`,
    what: `all replicas Ready after ${title}`,
    target: capacity,
    unit: 's',
    runs: 10,
    long: true,
    measure: trialsOf(title, (verdict) => verdict.capacity),
  },
]);
