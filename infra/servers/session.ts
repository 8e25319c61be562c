import { randomBytes } from 'node:crypto';
import { ownIdentity, type ProcessIdentity } from '../process/identity.ts';
import { LABELS, ownerLabel } from './labels.ts';
import {
  engineEnvironment,
  recordPath,
  removeRecord,
  sessionsRoot,
  writeRecord,
  type SessionRecord,
} from './session-record.ts';
import { startWatcher, type Watcher } from './watcher.ts';

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
