import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { sourceFile } from '../../harness/core/installation.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import { ownName } from '../process/identity.ts';
import { recordPath, writeRecord } from './reap.ts';

const WATCH_SESSION = join(import.meta.dirname, sourceFile('watch-session'));

/**
 * The servers of one process. Before each is started it stands in a file what to take away: a watcher does it at once when
 * this process has ended, and the next command where somebody has killed the watcher, too.
 */
class Session {
  readonly id = ownName();
  readonly #path: string;
  readonly #engine: ContainerEngine;
  readonly #live = new Set<string>();
  readonly #pending = new Set<string>();
  #watcher: Promise<ChildProcess> | undefined;
  #count = 0;

  constructor(engine: ContainerEngine) {
    this.#engine = engine;
    this.#path = recordPath(this.id, engine.env);
  }

  /** Registers a container that is about to be asked for, and returns its name. */
  async announce(server: string): Promise<string> {
    const name = `firedrill-${server}-${this.id}-${++this.#count}`;
    this.#live.add(name);
    this.#pending.add(name);
    this.#write();
    await (this.#watcher ??= startWatcher(this.#path, this.#engine.env));
    return name;
  }

  /** The container has been seen. */
  started(name: string): void {
    this.#pending.delete(name);
    this.#write();
  }

  /** Removes a container. With the last one the session leaves nothing behind, not even its file. */
  async end(name: string): Promise<void> {
    await this.#engine.remove(name);
    this.#live.delete(name);
    this.#pending.delete(name);
    if (this.#live.size > 0) {
      this.#write();
      return;
    }
    if (current === this) current = undefined;
    rmSync(this.#path, { force: true });
    (await this.#watcher)?.stdin?.end();
  }

  #write(): void {
    const { name: engine, env: environment } = this.#engine;
    writeRecord(this.#path, { engine, environment, pending: [...this.#pending] });
  }
}

let current: Session | undefined;

/** The session of this process: a new one where all servers of the last have ended, since its watcher may still look for it. */
export function ownSession(engine: ContainerEngine): Session {
  return (current ??= new Session(engine));
}

/** Starts a process that takes a session away when this one ends, however it ends, or finds nothing to take when it is dismissed. */
export async function startWatcher(record: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  // A Ctrl-C goes to the whole group, and is for those who are to end at once.
  const child = spawn(process.execPath, [WATCH_SESSION, record], {
    detached: true,
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  child.unref();
  // It ends by itself, and what it has not done the next command does.
  child.stdin.on('error', () => undefined);
  (child.stdin as unknown as Socket).unref();
  return child;
}
