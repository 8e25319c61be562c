import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stateRoot } from '../process/state-root.ts';
import { isAlive, type ProcessIdentity } from '../process/identity.ts';

/** What a container of ours says of itself. */
export const LABELS = {
  server: 'firedrill.dev/server',
  /** Hash of all that decides what it does. */
  spec: 'firedrill.dev/spec',
  /** Whose it is; absent where it is kept. */
  session: 'firedrill.dev/session',
  owner: 'firedrill.dev/owner',
  /** Belongs to nobody and stays until it is removed by name. */
  kept: 'firedrill.dev/kept',
} as const;

/** What has to be known for taking a session's containers away after its process has died. */
export interface SessionRecord {
  readonly session: string;
  /** The process that asked for servers. */
  readonly owner: ProcessIdentity;
  /** Address of the engine that has them. */
  readonly engine: string;
  /** What led to that engine; a variable that is absent here was not set. */
  readonly environment: Readonly<Record<string, string>>;
  /** Containers that were asked for and not seen yet, with the wall time of the request in milliseconds. */
  readonly pending: Readonly<Record<string, number>>;
}

/** What decides which engine is used. */
const ENGINE_VARIABLES = [
  'DOCKER_HOST',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'TESTCONTAINERS_HOST_OVERRIDE',
  'TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE',
  'XDG_RUNTIME_DIR',
  'HOME',
] as const;

/** An engine may finish a request after whoever made it has died; after this long it has. */
const SETTLED_AFTER_MS = 30_000;
const SUFFIX = '.json';

export function sessionsRoot(env: NodeJS.ProcessEnv = process.env): string {
  return join(stateRoot(env), 'servers');
}

export function recordPath(root: string, session: string): string {
  return join(root, `${session}${SUFFIX}`);
}

/** The part of an environment that leads to its engine. */
export function engineEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const set = ENGINE_VARIABLES.map((name) => [name, env[name]] as const);
  return Object.fromEntries(
    set.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== undefined),
  );
}

/** An environment that leads to the engine of a record. */
export function environmentFor(record: SessionRecord, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !ENGINE_VARIABLES.some((each) => each === name));
  return { ...Object.fromEntries(others), ...record.environment };
}

/** Writes a record so that a reader sees all of it or nothing. */
export function writeRecord(path: string, record: SessionRecord): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}~`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}~`, path);
}

/** Undefined where it is gone: somebody has cleared away what it was about. */
export function readRecord(path: string): SessionRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SessionRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function removeRecord(path: string): void {
  rmSync(path, { force: true });
}

/** Records of sessions whose process has died. */
export function orphanedRecords(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => join(root, name))
    .filter((path) => {
      const record = readRecord(path);
      return record !== undefined && !isAlive(record.owner);
    });
}

/** Containers that may still appear, though their session's process is dead. */
export function unsettled(
  { pending }: SessionRecord,
  seen: readonly string[],
  nowMs: number,
): readonly string[] {
  return Object.entries(pending)
    .filter(([name, sinceMs]) => !seen.includes(name) && nowMs - sinceMs < SETTLED_AFTER_MS)
    .map(([name]) => name);
}

export function sessionOf(path: string): string {
  return basename(path, SUFFIX);
}
