import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FiredrillError, messageOf } from '../core/errors.ts';
import { RUN_FILES, type RunFacts } from '../core/journal/run-files.ts';
import { isAlive, ownIdentity, type ProcessIdentity } from '../../infra/process/identity.ts';
import { tryLock } from '../../infra/process/lock.ts';

/**
 * Takes the only run of this working directory; a run beside it would take the CPU that both measure with.
 * @throws FiredrillError `run.another-is-running`
 */
export function takeRunLock(path: string): Disposable {
  const lock = tryLock(path);
  if (!('pid' in lock)) return lock;
  throw new FiredrillError(
    'run.another-is-running',
    `another run (pid ${lock.pid}) is going on in this directory, and two at once would measure each other`,
    { hint: `wait for it, or stop it: kill ${lock.pid}` },
  );
}

/**
 * Makes the directory of a new run and points `latest` to it.
 *
 * @throws FiredrillError `run.no-directory` when it cannot be written, a full disk among the reasons.
 */
export function createRunDirectory(reports: string, runId: string): string {
  try {
    mkdirSync(reports, { recursive: true });
    const directory = join(reports, runId);
    mkdirSync(directory);
    mkdirSync(join(directory, RUN_FILES.trials));
    writeFileSync(join(directory, RUN_FILES.pid), JSON.stringify(ownIdentity()));
    pointLatest(reports, runId);
    return directory;
  } catch (cause) {
    throw new FiredrillError('run.no-directory', `cannot write to ${reports}: ${messageOf(cause)}`, {
      hint: 'free some space, or run from a directory that can be written',
      cause,
    });
  }
}

function pointLatest(reports: string, runId: string): void {
  const link = join(reports, 'latest');
  const next = join(reports, `.latest-${runId}`);
  rmSync(next, { force: true });
  symlinkSync(runId, next);
  renameSync(next, link);
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
    .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    .sort()
    .at(-1);
  if (before === undefined) rmSync(join(reports, 'latest'), { force: true });
  else pointLatest(reports, before);
}

/** Directories of runs whose launcher has died before it could end them. */
export function abandonedRuns(reports: string): readonly string[] {
  if (!existsSync(reports)) return [];
  return readdirSync(reports, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(reports, entry.name))
    .filter((directory) => {
      const path = join(directory, RUN_FILES.pid);
      if (!existsSync(path)) return false;
      const identity = JSON.parse(readFileSync(path, 'utf8') || 'null') as ProcessIdentity | null;
      return identity === null || !isAlive(identity);
    });
}
