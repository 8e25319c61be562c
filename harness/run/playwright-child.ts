import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { boundToParent, findProgram } from '../../infra/process/find-program.ts';
import { killGroup } from '../../infra/process/run.ts';
import { ownFolder } from '../../infra/process/own-folder.ts';
import { homeFolder } from '../../infra/process/user-folders.ts';
import { cacheRoot } from '../../infra/toolchain/settings.ts';
import { sourceFile } from '../core/installation.ts';

const LEASH = join(import.meta.dirname, sourceFile('end-with-parent'));

/**
 * The test runner as a child process, in a process group of its own: a Ctrl-C of the terminal reaches only us.
 *
 * The test runner does not outlive us. Where setpriv exists the kernel ends it with us, whatever it does; everywhere the channel
 * between us closes, and its workers notice the same way that it has gone.
 */
export class PlaywrightChild {
  readonly #child: ChildProcess;
  /** The exit code; undefined where a signal ended the runner. */
  readonly ended: Promise<number | undefined>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = once(child, 'exit').then(([code]) => (code as number | null) ?? undefined);
  }

  /** @param output Where the runner writes: our own output, nowhere, or an open file */
  static async start(
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    configuration: string,
    output: 'inherit' | 'ignore' | number = 'inherit',
  ): Promise<PlaywrightChild> {
    const package_ = createRequire(import.meta.url).resolve('@playwright/test/package.json');
    const command = [
      ...['--import', pathToFileURL(LEASH).href],
      ...[join(dirname(package_), 'cli.js'), 'test', '--config', configuration],
      ...args,
    ];
    const setpriv = await findProgram('setpriv', environment['PATH']);
    const { execPath: node } = process;
    const [program, words] = setpriv === undefined ? [node, command] : boundToParent(node, command);
    return new PlaywrightChild(
      spawn(program, words, {
        stdio: ['ignore', output, output, 'ipc'],
        env: runnerEnvironment(environment),
        detached: true,
      }),
    );
  }

  /** Ends it and its workers at once. Their faults are undone by the supervisor, or go with the cluster. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    killGroup(pid);
    await this.ended;
  }
}

/** What the test runner is started with, besides what ours has. */
export function runnerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const cache = cacheRoot(environment);
  return {
    ...environment,
    // It does not start where the system knows no home.
    HOME: homeFolder(environment) ?? cache,
    // Else it keeps what it has transpiled in a folder of /tmp that whoever comes first can make.
    PLAYWRIGHT_TRANSFORM_CACHE_DIR: ownFolder(join(cache, 'transformed'), 'XDG_CACHE_HOME'),
  };
}
