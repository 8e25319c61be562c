import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FiredrillError, messageOf } from '../core/errors.ts';
import { RUN_FILES, type RunFacts } from '../core/journal/run-files.ts';
import { isAlive, ownIdentity } from '../../infra/process/identity.ts';
import { tryLock } from '../../infra/process/lock.ts';
import { readIdentity } from '../../infra/supervisor/cluster-directory.ts';

const LATEST = 'latest';

/**
 * Takes the only run of this working directory; a run beside it would take the CPU that both measure with.
 * @throws FiredrillError `run.another-is-running`, `run.no-directory`
 */
export function takeRunLock(path: string): Disposable {
  const lock = written(dirname(path), () => tryLock(path));
  if (!('pid' in lock)) return lock;
  throw new FiredrillError(
    'run.another-is-running',
    `another run (pid ${lock.pid}) is going on in this directory, and two at once would measure each other`,
    { hint: `wait for it, or stop it: kill ${lock.pid}` },
  );
}

/**
 * Makes the directory of a new run and points `latest` to it, where that is a link or nothing at all.
 *
 * @throws FiredrillError `run.no-directory` when it cannot be written, a full disk among the reasons.
 */
export function createRunDirectory(reports: string, runId: string, print: (text: string) => void): string {
  return written(reports, () => {
    mkdirSync(reports, { recursive: true });
    const directory = join(reports, runId);
    mkdirSync(directory);
    mkdirSync(join(directory, RUN_FILES.trials));
    writeFileSync(join(directory, RUN_FILES.pid), JSON.stringify(ownIdentity()));
    if (!pointLatest(reports, runId))
      print(`  ${join(reports, LATEST)} is no link of ours and stays as it is: this run is ${directory}\n`);
    return directory;
  });
}

function written<T>(folder: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof FiredrillError) throw cause;
    throw new FiredrillError('run.no-directory', `cannot write to ${folder}: ${messageOf(cause)}`, {
      hint: 'free some space, or run from a directory that can be written',
      cause,
    });
  }
}

/** An artifact store gives a folder back for a link: that is the user's. */
function isOurs(link: string): boolean {
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() !== false;
}

/** False where something else has the name. */
function pointLatest(reports: string, runId: string): boolean {
  const link = join(reports, LATEST);
  if (!isOurs(link)) return false;
  const next = join(reports, `.latest-${runId}`);
  rmSync(next, { force: true });
  symlinkSync(runId, next);
  renameSync(next, link);
  return true;
}

export function writeRunFacts(directory: string, facts: RunFacts): void {
  writeFileSync(join(directory, RUN_FILES.facts), `${JSON.stringify(facts, undefined, 2)}\n`);
}

/** Says that a run is over and nothing of it will be written any more. */
export function endRunDirectory(directory: string): void {
  rmSync(join(directory, RUN_FILES.pid), { force: true });
}

/** Takes away the directory of a run in which nothing has begun; `latest` is again the run before it. */
export function discardRunDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  const reports = dirname(directory);
  const before = readdirSync(reports, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() && entry.name !== LATEST ? [entry.name] : []))
    .sort()
    .at(-1);
  if (before !== undefined) pointLatest(reports, before);
  else if (isOurs(join(reports, LATEST))) rmSync(join(reports, LATEST), { force: true });
}

/** Directories of runs whose launcher has died before it could end them. */
export function abandonedRuns(reports: string): readonly string[] {
  // Where something else has the name, whoever begins a run tells it.
  if (statSync(reports, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(reports, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(reports, entry.name))
    .filter((directory) => {
      const path = join(directory, RUN_FILES.pid);
      if (!existsSync(path)) return false;
      const identity = readIdentity(path);
      return identity === undefined || !isAlive(identity);
    });
}
