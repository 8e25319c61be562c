import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { killGroup } from '../../infra/process/run.ts';
import type { SuiteResult } from './tally.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** How long whoever was asked to end has for that: it may have clusters to take down. */
const ENDING_MS = 60_000;

interface ProgramOptions {
  /** The program's output is shown as it comes, or kept for whoever runs several side by side. */
  readonly output?: 'shown' | 'kept';
  /** Besides this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Runs a program of Node with its arguments in the repository's folder to its end; an abort asks it to end in order. It is told of an interruption, and
 * of this process's end, by nobody else: it has a process group of its own, and a channel that closes.
 *
 * @throws The signal's reason where it has aborted before
 */
export async function runProgram(
  args: readonly string[],
  signal?: AbortSignal,
  { output = 'shown', environment = {} }: ProgramOptions = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  signal?.throwIfAborted();
  const to = output === 'shown' ? 'inherit' : 'pipe';
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, {
    ...{ cwd: ROOT, env, detached: true },
    stdio: ['ignore', to, to, 'ipc'],
  });
  const kept: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => kept.push(chunk));
  const stop = (): void => endInOrder(child);
  signal?.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'close')) as [number | null];
  signal?.removeEventListener('abort', stop);
  return { code, output: Buffer.concat(kept).toString() };
}

/** Asks a child to end, and kills the process group that it leads where it has not after a while. */
export function endInOrder(child: ChildProcess, withinMs = ENDING_MS): void {
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.pid !== undefined && killGroup(child.pid), withinMs);
  child.once('exit', () => clearTimeout(kill));
}

/** Runs a program as one test: it passes when the program ends with code 0. One that was interrupted has shown nothing. */
export async function commandSuite(
  args: readonly string[],
  signal: AbortSignal,
  options?: ProgramOptions,
): Promise<SuiteResult> {
  const { code, output } = await runProgram(args, signal, options);
  const passed = code === 0 ? 1 : 0;
  return { passed, failed: signal.aborted ? 0 : 1 - passed, skipped: 0, output };
}
