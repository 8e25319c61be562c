import { spawn } from 'node:child_process';
import { entriesOf } from '../../harness/core/journal/journal.ts';
import type { Bench } from './bench.ts';
import { GOALS, recoveriesIn } from './goals.ts';
import { firedrill, runOfScenarios } from './scenario-run.ts';

/** Programs that do nothing but run, beside the cluster. */
const LEVELS = [0, 4, 8, 16, 32];
const RECOVERY_SECONDS = 10;

/** How much longer a recovery takes on a machine without a processor to spare: what the judge's threshold of starvation rests on. */
export const starving: readonly Bench[] = [
  {
    what: `a node powered off beside ${LEVELS.join(', ')} programs that do nothing but run: users restored, and threads that wanted each processor meanwhile`,
    figures: Object.fromEntries(
      LEVELS.flatMap((level) => [
        [`starved-${level}-users`, { unit: 's' }],
        [`starved-${level}-threads`, { unit: 'per core' }],
      ]),
    ),
    ...{ runs: 5, long: true },
    async *measure(_, signal) {
      const name = `bench-${process.pid}`;
      await firedrill(['up', '--name', name], signal);
      try {
        for (;;) {
          const figures: Record<string, number> = {};
          for (const level of LEVELS) {
            const { users, threads } = await recoveryBeside(level, name, signal);
            if (users !== undefined) figures[`starved-${level}-users`] = users;
            figures[`starved-${level}-threads`] = threads;
          }
          yield figures;
        }
      } finally {
        await firedrill(['down', '--name', name]);
      }
    },
  },
];

async function recoveryBeside(level: number, cluster: string, signal: AbortSignal) {
  using busy = new DisposableStack();
  for (let program = 0; program < level; program++) {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    busy.defer(() => child.kill('SIGKILL'));
  }
  const { verdicts, journals } = await runOfScenarios(
    [GOALS, '-g', 'power lost: ', '--cluster', cluster],
    signal,
  );
  const entries = journals[0] ?? [];
  const effectiveMonoMs = entriesOf(entries, 'fault.effective')[0]?.effectiveMonoMs ?? Number.NaN;
  const meanwhile = entriesOf(entries, 'host.pressure').filter(
    ({ monoMs }) => monoMs > effectiveMonoMs && monoMs <= effectiveMonoMs + RECOVERY_SECONDS * 1_000,
  );
  const threads = meanwhile.reduce((sum, one) => sum + one.runnablePerCore, 0) / meanwhile.length;
  return { users: recoveriesIn(verdicts)[0]?.['power-off-users'], threads };
}
