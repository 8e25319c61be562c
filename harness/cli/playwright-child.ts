import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The test runner as a child process, in a process group of its own: a Ctrl-C of the terminal reaches only us. */
export class PlaywrightChild {
  readonly #child: ChildProcess;
  /** Its exit code; undefined where a signal ended it. */
  readonly ended: Promise<number | undefined>;

  constructor(
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    root: string,
    output: 'shown' | 'quiet' = 'shown',
  ) {
    const stream = output === 'shown' ? 'inherit' : 'ignore';
    const package_ = createRequire(import.meta.url).resolve('@playwright/test/package.json');
    const config = ['--config', join(root, 'playwright.config.ts')];
    this.#child = spawn(process.execPath, [join(dirname(package_), 'cli.js'), 'test', ...config, ...args], {
      stdio: ['ignore', stream, stream],
      env: environment,
      detached: true,
    });
    this.ended = once(this.#child, 'exit').then(([code]) => (code as number | null) ?? undefined);
  }

  /** Ends it and its workers at once. Their faults are undone by the supervisor, or go with the cluster. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await this.ended;
  }
}
