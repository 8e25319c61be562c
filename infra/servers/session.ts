import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { sourceFile } from '../../harness/core/installation.ts';
import { ownIdentity, type ProcessIdentity } from '../process/identity.ts';
import {
  LABELS,
  engineEnvironment,
  recordPath,
  removeRecord,
  sessionsRoot,
  writeRecord,
  type SessionRecord,
} from './session-record.ts';

/** The program that takes the containers of one session away. */
export const END_SESSION = join(import.meta.dirname, sourceFile('end-session'));
/** Makes it wait for the end of its standard input, and so of the process that holds the other side. */
export const WHEN_INPUT_ENDS = '--when-input-ends';

/**
 * The servers of one process. Before each is started it stands in a file what to take away, so that the next command can do
 * it after a `kill -9`; where testcontainers has no reaper of its own, a watcher does it at once.
 */
export class Session {
  readonly id = randomBytes(6).toString('hex');
  readonly #path: string;
  readonly #owner: ProcessIdentity;
  readonly #engine: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #live = new Set<string>();
  readonly #pending = new Map<string, number>();
  #watcher: Promise<Watcher> | undefined;
  #count = 0;

  constructor(engine: string, env: NodeJS.ProcessEnv = process.env) {
    this.#owner = ownIdentity();
    this.#engine = engine;
    this.#env = env;
    this.#path = recordPath(sessionsRoot(env), this.id);
  }

  get labels(): Readonly<Record<string, string>> {
    return { [LABELS.session]: this.id, [LABELS.owner]: ownerLabel(this.#owner) };
  }

  /**
   * Registers a container that is about to be asked for, and returns its name.
   * @param watched Whether a process of ours has to see to its end
   */
  async announce(server: string, watched: boolean): Promise<string> {
    const name = `firedrill-${server}-${this.id}-${++this.#count}`;
    this.#live.add(name);
    this.#pending.set(name, Date.now());
    this.#write();
    if (watched) {
      this.#watcher ??= startWatcher(this.#path, this.#env);
      await this.#watcher;
    }
    return name;
  }

  /** The container has been seen. */
  started(name: string): void {
    this.#pending.delete(name);
    this.#write();
  }

  /** The container is gone. With the last one the session leaves nothing behind, not even its file. */
  async ended(name: string): Promise<void> {
    this.#live.delete(name);
    this.#pending.delete(name);
    if (this.#live.size > 0) {
      this.#write();
      return;
    }
    removeRecord(this.#path);
    const watcher = await this.#watcher;
    this.#watcher = undefined;
    watcher?.dismiss();
  }

  #write(): void {
    const record: SessionRecord = {
      session: this.id,
      owner: this.#owner,
      engine: this.#engine,
      environment: engineEnvironment(this.#env),
      pending: Object.fromEntries(this.#pending),
    };
    writeRecord(this.#path, record);
  }
}

/** Takes a session's containers away when this process ends, however it ends. */
interface Watcher {
  /** Nothing is left to watch. */
  dismiss(): void;
}

/** Starts a process that outlives this one by as long as the clearing away takes. */
export async function startWatcher(record: string, env: NodeJS.ProcessEnv): Promise<Watcher> {
  const child = spawn(process.execPath, [END_SESSION, record, WHEN_INPUT_ENDS], {
    // A Ctrl-C goes to the whole group, and is for those who are to end at once.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  await once(child, 'spawn');
  child.unref();
  // It ends by itself, and what it has not done the next command does.
  child.stdin.on('error', () => undefined);
  (child.stdin as unknown as Socket).unref();
  return {
    dismiss: () => {
      child.stdin.end();
    },
  };
}

/** A process as a label, for a person who wonders whose a container is. */
function ownerLabel({ pid, startTicks, bootId }: ProcessIdentity): string {
  return `pid ${pid}, started at tick ${startTicks} of boot ${bootId}`;
}
