import { spawn } from 'node:child_process';
import { FiredrillError } from '../../harness/core/errors.ts';

export interface CommandOptions {
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Exit codes besides 0 that are no error. */
  readonly allow?: readonly number[];
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
    ...(options.signal ? { signal: options.signal, killSignal: 'SIGKILL' as const } : {}),
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
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
  if (code !== 0 && !(code !== null && options.allow?.includes(code))) {
    throw new FiredrillError(
      'command.failed',
      `${command} ${args.join(' ')} ${signal ? `was ended by ${signal}` : `exited with code ${code ?? '?'}`}: ${err.trim().slice(-600)}`,
    );
  }
  return out;
}
