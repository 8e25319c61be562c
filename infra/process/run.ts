import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { FiredrillError } from '../../harness/core/errors.ts';
import { boundWherePossible } from './find-program.ts';

export interface CommandOptions {
  readonly folder?: string;
  /** Absent: the command inherits that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  /**
   * What the command starts ends with it when the signal aborts, and the command with this process, even by `kill -9`
   * where there is setpriv.
   */
  readonly group?: boolean;
  /** Hears every line of either output of the program, as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** How a program ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  /** What it has written to its standard error. */
  readonly errors: string;
}

/**
 * Runs a program to its end, whatever that is.
 * @throws The signal's reason when it aborts; FiredrillError `command.failed` where it could not be started
 */
export async function execute(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  const { folder, env, input = '', signal: abort, group = false, onLine } = options;
  abort?.throwIfAborted();
  const [program, words] = group ? await boundWherePossible(command, args, env?.['PATH']) : [command, args];
  const child = spawn(program, words, { cwd: folder, env, stdio: 'pipe', detached: group });
  const kill = (): void => {
    if (group && child.pid !== undefined) killGroup(child.pid);
    else child.kill('SIGKILL');
    // Whom it has started may go on, and hold the other ends.
    if (!group) for (const stream of [child.stdout, child.stderr]) stream.destroy();
  };
  abort?.addEventListener('abort', kill, { once: true });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  if (onLine !== undefined)
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    abort?.throwIfAborted();
    return { code, signal, output, errors };
  } catch (cause) {
    abort?.throwIfAborted();
    throw new FiredrillError('command.failed', `${command} could not be run`, { cause });
  } finally {
    abort?.removeEventListener('abort', kill);
  }
}

/**
 * Runs a program that is to succeed, and returns what it printed.
 * @param allow exit codes besides 0 that are no error
 * @throws FiredrillError `command.failed` with the exit code and the end of its error output; the signal's reason
 */
export async function run(
  command: string,
  args: readonly string[],
  { allow = [], ...options }: CommandOptions & { readonly allow?: readonly number[] } = {},
): Promise<string> {
  const { code, signal, output, errors } = await execute(command, args, options);
  if (code === 0 || (code !== null && allow.includes(code))) return output;
  throw new FiredrillError(
    'command.failed',
    `${command} ${args.join(' ')} ${signal ? `was ended by ${signal}` : `exited with code ${code ?? '?'}`}: ${errors.trim().slice(-600)}`,
  );
}

/** Kills the processes of a group, if there still are any. */
export function killGroup(leader: number): void {
  killIfThere(-leader);
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // The process was ending already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
