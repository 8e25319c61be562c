import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { patient } from '../../../harness/core/patience.ts';
import { killIfThere } from '../../process/run.ts';
import type { NodeRole } from '../../cluster.ts';
import { inOwnNamespaces } from './own-namespaces.ts';

const INIT_SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'node-init.sh');
const BOOT_WITHIN_MS = patient(20_000);

interface MachineProcessOptions {
  readonly clusterDirectory: string;
  readonly name: string;
  readonly address: string;
  readonly zone: string;
  readonly role: NodeRole;
  readonly directory: string;
  readonly stateRoot: string;
  readonly binaries: Readonly<Record<string, string>>;
  /** Files that the first process writes itself into. */
  readonly cgroupProcs: readonly string[];
}

/** The processes of a machine that is switched on: its first one in namespaces of its own, all others below it. */
export class MachineProcess {
  /** Resolves when the last of them has ended. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  #initPid = 0;

  constructor(options: MachineProcessOptions) {
    const log = openSync(initLog(options.directory), 'a');
    try {
      this.#child = spawn(
        'setpriv',
        inOwnNamespaces(['mount', 'pid', 'uts', 'ipc', 'net'], ['/bin/bash', INIT_SCRIPT]),
        { stdio: ['pipe', 'pipe', log], env: environment(options) },
      );
    } finally {
      closeSync(log);
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    this.#child.stdin?.on('error', () => {
      // The node died while a command was on its way; whoever waits for an effect will miss it and say so.
    });
  }

  /** Pid of the node's first process, as the host sees it; 0 until it has booted. */
  get initPid(): number {
    return this.#initPid;
  }

  /** Pid of a process in the machine's network namespace. */
  get namespacePid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves once the node's root is built. */
  booted(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no sign of life within ${BOOT_WITHIN_MS} ms`)),
        BOOT_WITHIN_MS,
      );
      const fail = (reason: string): void => {
        clearTimeout(timer);
        reject(new Error(reason));
      };
      this.#child.once('exit', (code, signal) =>
        fail(`its first process ended (${signal ?? `code ${code ?? '?'}`})`),
      );
      this.#child.once('error', (error) => fail(error.message));
      if (this.#child.stdout === null) return;
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        const pid = /^booted (\d+)$/.exec(line)?.[1];
        if (pid === undefined) return;
        clearTimeout(timer);
        this.#initPid = Number(pid);
        resolve();
      });
    });
  }

  /** Tells the first process to start a program. */
  start(program: string): void {
    this.#child.stdin?.write(`start ${program}\n`);
  }

  /** Kills all of them at once; `ended` says when they are gone. */
  kill(): void {
    // The first process of a pid namespace takes all others with it, and its parent ends after the last of them.
    if (this.#initPid === 0 || this.#child.exitCode !== null || this.#child.signalCode !== null) {
      this.#child.kill('SIGKILL');
      return;
    }
    killIfThere(this.#initPid);
  }
}

/** The end of what the first process of a machine said. */
export function initLogTail(directory: string): string {
  const path = initLog(directory);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().slice(-600) : '';
}

const initLog = (directory: string): string => join(directory, 'logs', 'init.log');

function environment(options: MachineProcessOptions): NodeJS.ProcessEnv {
  const { clusterDirectory, name, zone, role, binaries } = options;
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    NODE_NAME: name,
    NODE_DIR: options.directory,
    NODE_ADDRESS: options.address,
    NODE_LABELS: `topology.kubernetes.io/zone=${zone},firedrill.dev/role=${role}`,
    STATE_ROOT: options.stateRoot,
    CGROUP_PROCS: options.cgroupProcs.join(':'),
    BINARIES: Object.entries(binaries)
      .map(([tool, path]) => `${tool}=${path}`)
      .join(':'),
    MACHINE_ID: createHash('sha256').update(`${clusterDirectory}/${name}`).digest('hex').slice(0, 32),
  };
}
