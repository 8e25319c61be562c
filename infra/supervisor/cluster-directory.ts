import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { isMissing } from '../../harness/core/file-errors.ts';
import { isRecord } from '../../harness/core/is-record.ts';
import { isAlive, ownerOfName, ownIdentity, ownName, type ProcessIdentity } from '../process/identity.ts';
import { ownFolder } from '../process/own-folder.ts';
import { SOCKET_PATH_MAX_BYTES } from '../process/socket-path.ts';
import { namesIn, stateRoot } from '../process/state-root.ts';

const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

export function clustersRoot(env: NodeJS.ProcessEnv): string {
  return join(stateRoot(env), 'clusters');
}

/**
 * The folder of all clusters, ready for a new one of this name: what would be refused later is refused before tools are built.
 * @throws FiredrillError `cluster.bad-name`, `cluster.path-too-long`, `cluster.name-in-use`; those of `ownFolder`
 */
export function rootFor(name: string, env: NodeJS.ProcessEnv): string {
  const root = clustersRoot(env);
  const { directory } = clusterPaths(name, root);
  if (ownerOf(directory) === 'alive') throw nameInUse(name);
  return ownFolder(root, 'FIREDRILL_STATE_DIR');
}

/**
 * The paths of one cluster's state.
 * @param root The folder of all clusters
 * @throws FiredrillError `cluster.bad-name`, `cluster.path-too-long`
 */
export function clusterPaths(name: string, root: string) {
  if (!NAME_PATTERN.test(name)) {
    throw new FiredrillError(
      'cluster.bad-name',
      `${JSON.stringify(name)} is no cluster name: 1 to 40 of a-z, 0-9 and '-', beginning and ending with a letter or digit`,
      { hint: 'choose another --name' },
    );
  }
  const directory = join(root, name);
  const controlSocket = join(directory, 'control.sock');
  if (Buffer.byteLength(controlSocket) > SOCKET_PATH_MAX_BYTES) {
    throw new FiredrillError(
      'cluster.path-too-long',
      `${controlSocket} has ${Buffer.byteLength(controlSocket)} bytes; a unix socket's path may have ${SOCKET_PATH_MAX_BYTES}`,
      { hint: 'set FIREDRILL_STATE_DIR to a shorter directory' },
    );
  }
  return {
    directory,
    controlSocket,
    provider: join(directory, 'provider'),
    spec: join(directory, 'spec.json'),
    maker: join(directory, 'maker.json'),
    supervisor: join(directory, 'supervisor.json'),
    quarantine: join(directory, 'quarantined'),
    supervisorLog: join(directory, 'logs', 'supervisor.log'),
    kubeconfig: join(directory, 'kubeconfig'),
    logs: join(directory, 'logs'),
    pki: join(directory, 'pki'),
    etcd: join(directory, 'etcd'),
    nodes: join(directory, 'nodes'),
    shared: join(directory, 'shared'),
    auditLog: join(directory, 'logs', 'audit.jsonl'),
    machineLog: join(directory, 'logs', 'machine.jsonl'),
    undoneLog: join(directory, 'logs', 'undone.jsonl'),
  } as const;
}
export type ClusterPaths = ReturnType<typeof clusterPaths>;

/**
 * Makes the directory of a new cluster. It appears under its name in one step, with its maker's identity inside, so
 * that a reaper never meets one that seems to be nobody's, and the provider that knows how to take it away.
 * @throws FiredrillError `cluster.name-in-use`
 */
export function makeClusterDirectory(paths: ClusterPaths, name: string, provider: string): void {
  mkdirSync(dirname(paths.directory), { recursive: true, mode: 0o700 });
  const aside = asideOf(paths.directory);
  mkdirSync(aside, { mode: 0o700 });
  try {
    writeFileSync(join(aside, basename(paths.maker)), JSON.stringify(ownIdentity()));
    writeFileSync(join(aside, basename(paths.provider)), provider);
    for (const directory of [paths.logs, paths.pki, paths.nodes, paths.shared])
      mkdirSync(join(aside, basename(directory)), { mode: 0o700 });
    renameSync(aside, paths.directory);
  } catch (cause) {
    rmSync(aside, { recursive: true, force: true });
    if (!['EEXIST', 'ENOTEMPTY'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw nameInUse(name);
  }
}

function nameInUse(name: string): FiredrillError {
  return new FiredrillError('cluster.name-in-use', `a cluster named ${name} exists already`, {
    hint: `attach to it with --cluster ${name}, end it with: firedrill down --name ${name}, or choose another --name`,
  });
}

/** Takes a directory away in one step: while its files are removed, the name is free already. */
export function removeClusterDirectory(directory: string): void {
  const aside = asideOf(directory);
  try {
    renameSync(directory, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
}

/** A name beside the directory that says who just fills or empties it; no cluster's name begins with a dot. */
function asideOf(directory: string): string {
  return join(dirname(directory), `.${ownName()}`);
}

/** Writes an identity so that a reader sees all of it or nothing. */
export function writeIdentity(path: string, identity: ProcessIdentity): void {
  writeFileSync(`${path}~`, JSON.stringify(identity), { mode: 0o600 });
  renameSync(`${path}~`, path);
}

/** What a file says in JSON, or undefined where the file is not there or was cut off by a full disk or its writer's death. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined;
    throw error;
  }
}

/** The process that a file names, or undefined where it names none. */
export function readIdentity(path: string): ProcessIdentity | undefined {
  const read = readJsonFile(path);
  return isRecord(read) && typeof read['pid'] === 'number' ? (read as unknown as ProcessIdentity) : undefined;
}

/**
 * Who stands behind an entry of the folder of clusters: a process that is alive, one that is dead (its supervisor, or its maker
 * before there was one), or nobody of ours. Without what `makeClusterDirectory` puts into each, or a name that `asideOf` gives, an
 * entry is somebody else's, and never touched.
 */
export function ownerOf(directory: string): 'alive' | 'dead' | 'foreign' {
  const name = basename(directory);
  if (name.startsWith('.')) return ownerOfName(name.slice(1)) ?? 'foreign';
  if (!hasMarker(directory)) return 'foreign';
  const owner =
    readIdentity(join(directory, 'supervisor.json')) ?? readIdentity(join(directory, 'maker.json'));
  return owner !== undefined && isAlive(owner) ? 'alive' : 'dead';
}

/** How `maker.json` begins. */
const MAKER_BEGINS = '{"pid":';

/** Whether there is what `makeClusterDirectory` has written, or as much of it as a full disk has taken. */
function hasMarker(directory: string): boolean {
  const isFile = (name: string): boolean =>
    statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true;
  if (!isFile('maker.json') || !isFile('provider')) return false;
  const maker = readFileSync(join(directory, 'maker.json'), 'utf8');
  return MAKER_BEGINS.startsWith(maker.slice(0, MAKER_BEGINS.length));
}

/** Entries of the folder of clusters that have no owner of ours. */
export function foreignEntries(root: string): string[] {
  return namesIn(root).filter((name) => ownerOf(join(root, name)) === 'foreign');
}

/** The provider that has made the cluster of a directory; undefined where there is none, or nobody has said. */
export function providerOfDirectory(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'provider'), 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Names of the clusters that somebody stands behind, those that are just starting or failing among them.
 * @param provider only those that it has made
 */
export function liveClusters(root: string, provider?: string): string[] {
  return namesIn(root).filter(
    (name) =>
      !name.startsWith('.') &&
      ownerOf(join(root, name)) === 'alive' &&
      (provider === undefined || providerOfDirectory(join(root, name)) === provider),
  );
}
