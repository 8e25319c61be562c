import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { boundToParent } from './find-program.ts';

const RESTART_AFTER_MS = 500;

interface DaemonOptions {
  readonly name: string;
  /** Absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** PATH of the daemon; nothing else of this process's environment reaches it. */
  readonly searchPath: string;
  readonly logFile: string;
  /** Called with the reason whenever the process ends without being asked to. */
  readonly onUnexpectedExit: (reason: string) => void;
  /** Start it again after an unexpected end, as a control plane's kubelet would. */
  readonly restart: boolean;
}

/** A long-lived child process that dies with this one, whatever kills this one. */
export class Daemon {
  readonly name: string;
  readonly #options: DaemonOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: DaemonOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): this {
    const { command, args, searchPath, logFile } = this.#options;
    const log = openSync(logFile, 'a');
    try {
      const child = spawn(...boundToParent(command, args), {
        stdio: ['ignore', log, log],
        env: { PATH: searchPath, HOME: '/root' },
      });
      this.#child = child;
      this.#exited = new Promise((resolve) => {
        let ended = false;
        const end = (reason: string): void => {
          if (ended) return;
          ended = true;
          resolve();
          if (!this.#stopping.signal.aborted) this.#endedUnexpectedly(reason);
        };
        child.once('error', (error) => end(`could not be started: ${error.message}`));
        child.once('exit', (code, signal) =>
          end(signal ? `was ended by ${signal}` : `exited with code ${code ?? '?'}`),
        );
      });
    } finally {
      closeSync(log);
    }
    return this;
  }

  /** Kills the process and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  #endedUnexpectedly(reason: string): void {
    this.#options.onUnexpectedExit(`${this.name} ${reason}`);
    if (!this.#options.restart) return;
    delay(RESTART_AFTER_MS, undefined, { signal: this.#stopping.signal }).then(
      () => {
        this.start();
      },
      // Aborted: the cluster is going down, nothing is to be started again.
      () => {},
    );
  }
}
