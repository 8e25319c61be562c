import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FiredrillError } from '../core/errors.ts';
import type { ProcessIdentity } from '../../infra/process/identity.ts';
import { identityOf, isAlive } from '../../infra/process/identity.ts';

/**
 * Takes the only run of this working directory; a run beside it would take the CPU that both measure with.
 * The lock of a process that has died is taken over.
 *
 * @throws FiredrillError `run.another-is-running`
 */
export function takeRunLock(path: string): Disposable {
  const identity = identityOf(process.pid);
  if (identity === undefined)
    throw new FiredrillError('run.no-identity', 'this process cannot be found in /proc');
  mkdirSync(dirname(path), { recursive: true });
  const holder = takeOrHolder(path, identity);
  if (holder !== undefined)
    throw new FiredrillError(
      'run.another-is-running',
      `another run (pid ${holder.pid}) is going on in this directory, and two at once would measure each other`,
      { hint: `wait for it, or stop it: kill ${holder.pid}`, userError: true },
    );
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

/** Takes a lock, or returns the live process that has it. */
function takeOrHolder(path: string, identity: ProcessIdentity): ProcessIdentity | undefined {
  for (;;) {
    if (linkedInto(path, identity)) return undefined;
    const holder = readHolder(path);
    if (holder === 'released') continue;
    if (holder !== 'unreadable' && isAlive(holder)) return holder;
    removeDead(path, identity);
  }
}

/** Whoever finds the lock finds it whole: it is written beside its place and then linked into it. */
function linkedInto(path: string, identity: ProcessIdentity): boolean {
  const own = `${path}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(identity));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Removes the lock of a dead process. Of two that find one, the slower would remove what the faster has just taken: so
 * only the holder of a second lock may, after a second look. That one is held for an instant, and its own dead
 * holder is removed in the same way.
 */
function removeDead(path: string, identity: ProcessIdentity): void {
  const permit = `${path}.over`;
  // Somebody else is at it; the caller looks again.
  if (takeOrHolder(permit, identity) !== undefined) return;
  try {
    const holder = readHolder(path);
    if (holder === 'unreadable' || (holder !== 'released' && !isAlive(holder))) rmSync(path, { force: true });
  } finally {
    rmSync(permit, { force: true });
  }
}

function readHolder(path: string): ProcessIdentity | 'released' | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'released';
    throw error;
  }
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    // Nobody who lives writes such a lock: it was cut off by a full disk, or by another version's death.
    return 'unreadable';
  }
}
