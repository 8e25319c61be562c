import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '../../harness/core/clock.ts';
import { isMissing } from '../../harness/core/file-errors.ts';
import { isAlive, ownIdentity, type ProcessIdentity } from './identity.ts';

const LOOK_EVERY_MS = 100;

interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears once of each holder that is waited for. */
  readonly onWait?: ((holder: ProcessIdentity) => void) | undefined;
}

/**
 * Takes a lock across processes; waits while another live process holds it.
 * @throws The signal's reason when it aborts; FiredrillError `process.no-identity`
 */
export async function takeLock(path: string, options: LockOptions = {}): Promise<Disposable> {
  let told: number | undefined;
  for (;;) {
    options.signal?.throwIfAborted();
    const lock = tryLock(path);
    if (!('pid' in lock)) return lock;
    if (told !== lock.pid) options.onWait?.(lock);
    told = lock.pid;
    await systemClock.sleep(LOOK_EVERY_MS, options.signal);
  }
}

/**
 * Takes a lock, or returns the live process that holds it. The lock of a process that has died is taken over.
 *
 * A lock is a symbolic link whose text is its holder: the file system makes link and text in one step, so that nobody
 * finds half a lock, and of two that make it at once one fails.
 *
 * @throws FiredrillError `process.no-identity`
 */
export function tryLock(path: string): Disposable | ProcessIdentity {
  const own = JSON.stringify(ownIdentity());
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    try {
      symlinkSync(own, path);
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(path);
    if (holder === 'released') continue;
    if (holder !== 'dead') return holder;
    removeDead(path);
  }
}

/**
 * Removes the lock of a dead process. Of two that find one, the slower would remove what the faster has just taken: so
 * only the holder of a second lock may, after a second look. That one is held for an instant, and its own dead
 * holder is removed in the same way.
 */
function removeDead(path: string): void {
  const permit = tryLock(`${path}.over`);
  // Somebody else is at it; the caller looks again.
  if ('pid' in permit) return;
  using _lock = permit;
  if (holderOf(path) === 'dead') rmSync(path, { force: true });
}

function holderOf(path: string): ProcessIdentity | 'released' | 'dead' {
  try {
    const holder = JSON.parse(readlinkSync(path)) as ProcessIdentity;
    return isAlive(holder) ? holder : 'dead';
  } catch (error) {
    if (isMissing(error)) return 'released';
    // A file in the place of the link, or a link of somebody else's: nobody who lives makes such a lock.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'EINVAL') return 'dead';
    throw error;
  }
}
