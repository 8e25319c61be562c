import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { SuiteResult } from './tally.ts';

interface ProgramOptions {
  /** The program's output is shown as it comes, or kept for whoever runs several side by side. */
  readonly output?: 'shown' | 'kept';
  /** Besides this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs a program of Node with its arguments to its end; an abort asks it to end in order. */
export async function runProgram(
  args: readonly string[],
  signal?: AbortSignal,
  { output = 'shown', environment = {} }: ProgramOptions = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const to = output === 'shown' ? 'inherit' : 'pipe';
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { stdio: ['ignore', to, to], env });
  const kept: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => kept.push(chunk));
  const stop = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'close')) as [number | null];
  signal?.removeEventListener('abort', stop);
  return { code, output: Buffer.concat(kept).toString() };
}

/** Runs a program as one test: it passes when the program ends with code 0. */
export async function commandSuite(
  args: readonly string[],
  signal: AbortSignal,
  options?: ProgramOptions,
): Promise<SuiteResult> {
  const { code, output } = await runProgram(args, signal, options);
  const passed = code === 0 ? 1 : 0;
  return { passed, failed: 1 - passed, skipped: 0, output };
}
