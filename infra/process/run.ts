import { spawn } from 'node:child_process';
import { FiredrillError } from '../../harness/core/errors.ts';

export interface CommandOptions {
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Exit codes besides 0 that are no error. */
  readonly allow?: readonly number[];
  /** What it has started itself ends with it when the signal aborts. */
  readonly group?: boolean;
  /** Absent: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told what it prints, to either of its outputs, as it comes. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs a program to its end and returns what it printed.
 * @throws FiredrillError `command.failed` with the exit code and the end of its error output
 */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.env ? { env: options.env } : {}),
    ...(options.group === true ? { detached: true } : {}),
    ...(options.signal ? { signal: options.signal, killSignal: 'SIGKILL' as const } : {}),
  });
  const endGroup = (): void => {
    if (options.group === true && child.pid !== undefined) killGroup(child.pid);
  };
  options.signal?.addEventListener('abort', endGroup, { once: true });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const { onOutput } = options;
  if (onOutput !== undefined) for (const output of [child.stdout, child.stderr]) output.on('data', onOutput);
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
    },
  ).catch((cause: unknown) => {
    throw new FiredrillError('command.failed', `${command} could not be run`, { cause });
  });
  options.signal?.removeEventListener('abort', endGroup);
  if (code !== 0 && !(code !== null && options.allow?.includes(code))) {
    throw new FiredrillError(
      'command.failed',
      `${command} ${args.join(' ')} ${signal ? `was ended by ${signal}` : `exited with code ${code ?? '?'}`}: ${err.trim().slice(-600)}`,
    );
  }
  return out;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    // It was ending already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
