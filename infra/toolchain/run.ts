import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface RunOptions {
  readonly folder?: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Every line of standard error, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** How a program ended. */
export interface RunResult {
  readonly code: number | null;
  readonly output: string;
  /** The last lines of standard error. */
  readonly lastErrors: string;
}

const LAST_LINES = 40;

/** The absolute path of a program on a search path, or undefined. */
export async function findProgram(name: string, searchPath: string | undefined): Promise<string | undefined> {
  for (const folder of (searchPath ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return path;
  }
  return undefined;
}

/**
 * Runs a program to its end, in a process group of its own, which is killed when the signal aborts.
 *
 * Where setpriv exists, the kernel kills the program as soon as we die, so that a `kill -9` leaves no build running.
 *
 * @throws The signal's reason when it aborts; the error of a program that could not be started
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const leash = await findProgram('setpriv', options.environment['PATH']);
  const [command, commandArgs] = leash
    ? [leash, ['--pdeathsig', 'KILL', '--', program, ...args]]
    : [program, args];
  const child = spawn(command, commandArgs, {
    cwd: options.folder,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      // The whole group has ended between the signal and now.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  options.signal?.addEventListener('abort', kill, { once: true });
  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    options.onLine?.(line);
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    options.signal?.throwIfAborted();
    return { code, output: Buffer.concat(output).toString('utf8'), lastErrors: last.join('\n') };
  } finally {
    options.signal?.removeEventListener('abort', kill);
  }
}
