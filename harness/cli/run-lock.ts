import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FiredrillError } from '../core/errors.ts';
import type { ProcessIdentity } from '../../infra/supervisor/process-identity.ts';
import { identityOf, isAlive } from '../../infra/supervisor/process-identity.ts';

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
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(identity), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder))
      throw new FiredrillError(
        'run.another-is-running',
        `another run (pid ${holder.pid}) is going on in this directory, and two at once would measure each other`,
        { hint: `wait for it, or stop it: kill ${holder.pid}`, userError: true },
      );
    rmSync(path, { force: true });
  }
  return {
    [Symbol.dispose]: () => {
      if (readHolder(path)?.pid === identity.pid) rmSync(path, { force: true });
    },
  };
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    // Removed, or cut off by the death of its writer: nobody holds it.
    return undefined;
  }
}
