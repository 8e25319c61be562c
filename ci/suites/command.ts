import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Tally } from './tally.ts';

/** Runs a program as one test: it passes when the program ends with code 0. Its output is shown as it comes. */
export async function commandSuite(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Tally> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  signal.removeEventListener('abort', stop);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}
