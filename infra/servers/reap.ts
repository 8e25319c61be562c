import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { ContainerEngine } from '../engine/engine.ts';
import type { EngineName } from '../engine/engine-names.ts';
import { ownerOfName } from '../process/identity.ts';
import { namesIn, stateRoot } from '../process/state-root.ts';

/** What a container of ours says of itself. */
export const LABELS = {
  server: 'firedrill.dev/server',
  /** Hash of all that decides what it does. */
  spec: 'firedrill.dev/spec',
  /** Whose it is; absent where it is kept. */
  session: 'firedrill.dev/session',
  /** Belongs to nobody and stays until it is removed by name. */
  kept: 'firedrill.dev/kept',
} as const;

/** What has to be known for taking a session's containers away after its process has died. */
export interface SessionRecord {
  readonly engine: EngineName;
  /** What leads the engine's command to it; a variable that is absent here was not set. */
  readonly environment: NodeJS.ProcessEnv;
  /** Containers that were asked for and not seen yet, the last of them when the record was written. */
  readonly pending: readonly string[];
}

/** What a dead session had left. */
interface ReapedServers {
  readonly session: string;
  /** Names of the containers that were removed. */
  readonly containers: readonly string[];
  /** Why something may still be there; absent where nothing is. */
  readonly left?: string;
}

/** What decides which engine a command uses. */
const ENGINE_VARIABLES = [
  'DOCKER_HOST',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'DOCKER_CONFIG',
  'CONTAINER_HOST',
  'XDG_RUNTIME_DIR',
  'HOME',
] as const;
const SUFFIX = '.json';
/** An engine may finish a request after whoever made it has died; after this long it has. */
const SETTLED_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 100;

export function sessionsRoot(env: NodeJS.ProcessEnv): string {
  return join(stateRoot(env), 'servers');
}

export function recordPath(session: string, env: NodeJS.ProcessEnv): string {
  return join(sessionsRoot(env), `${session}${SUFFIX}`);
}

/** Writes a record so that a reader sees all of it or nothing. */
export function writeRecord(path: string, record: SessionRecord): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ ...record, environment: engineVariables(record.environment) });
  writeFileSync(`${path}~`, text, { mode: 0o600 });
  renameSync(`${path}~`, path);
}

/** The part of an environment that leads to its engine; what is not set there is undefined, and so not set for who is given it. */
function engineVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(ENGINE_VARIABLES.map((name) => [name, env[name]]));
}

/**
 * Takes away the servers of processes that have died. Asks no engine where there are none, so that it may begin every command.
 * What cannot be taken away now keeps its record, and the next call tries again.
 */
export async function reapServers(env: NodeJS.ProcessEnv): Promise<readonly ReapedServers[]> {
  const root = sessionsRoot(env);
  const orphaned = namesIn(root).filter(
    (name) => name.endsWith(SUFFIX) && ownerOfName(basename(name, SUFFIX)) === 'dead',
  );
  return await Promise.all(
    orphaned.map(async (name) => {
      const session = basename(name, SUFFIX);
      try {
        return { session, containers: await endSession(join(root, name), 'look-once', env) };
      } catch (error) {
        return { session, containers: [], left: messageOf(error) };
      }
    }),
  );
}

/**
 * Removes what a dead session has left, then its record, and returns the names of the containers.
 *
 * @param patience What is done about a container that was just being made: waited for, or left to the next call
 * @throws FiredrillError `engine.silent`, `servers.unsettled`; the record stays
 */
export async function endSession(
  path: string,
  patience: 'wait' | 'look-once',
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  // Somebody has cleared away what it was about.
  if (!existsSync(path)) return [];
  const { engine: name, environment, pending } = JSON.parse(readFileSync(path, 'utf8')) as SessionRecord;
  const engine = new ContainerEngine(name, { ...env, ...engineVariables(environment) });
  const settledMs = statSync(path).mtimeMs + SETTLED_AFTER_MS;
  const removed: string[] = [];
  for (;;) {
    removed.push(...(await removeAll(engine, { [LABELS.session]: basename(path, SUFFIX) })));
    const awaited = pending.filter((each) => !removed.includes(each));
    if (awaited.length === 0 || Date.now() > settledMs) break;
    if (patience === 'look-once') {
      throw new FiredrillError(
        'servers.unsettled',
        `${awaited.join(', ')} was being made when its owner died, and may still appear`,
        { hint: 'run any command again in half a minute' },
      );
    }
    await delay(LOOK_EVERY_MS);
  }
  rmSync(path, { force: true });
  return removed;
}

/** Removes all containers with these labels and returns the names of those that it met. */
export async function removeAll(
  engine: ContainerEngine,
  labels: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const names = await engine.containersWith(labels);
  await Promise.all(names.map((name) => engine.remove(name)));
  return names;
}
