import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../harness/core/clock.ts';

/** Which process holds a mark: survives in the mark's file name, so that no mark is ever half-written. */
export interface Holder {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: a later process with the same pid has another. */
  readonly startTicks: string;
}

/** A lock that is held. */
export interface HeldLock {
  release(): Promise<void>;
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told once per holder that is waited for. */
  readonly onWait?: ((holder: Holder) => void) | undefined;
  readonly clock?: Clock;
}

const RETRY_MS = 100;

/** The start time of a process in ticks since boot, or undefined where there is no such process. */
async function startTicksOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has let go of everything that it held.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** The name of a file or folder that belongs to this process. */
export async function ownMark(): Promise<string> {
  const startTicks = await startTicksOf(process.pid);
  return `${process.pid}-${startTicks ?? '0'}-${randomBytes(4).toString('hex')}`;
}

/** The live process that a mark belongs to, or undefined where that process is gone. */
export async function liveHolder(mark: string): Promise<Holder | undefined> {
  const match = /^(\d+)-(\d+)-[0-9a-f]+$/.exec(mark);
  if (!match?.[1] || !match[2]) return undefined;
  const holder = { pid: Number(match[1]), startTicks: match[2] };
  return (await startTicksOf(holder.pid)) === holder.startTicks ? holder : undefined;
}

/**
 * Takes a lock across processes; waits while another live process holds it.
 *
 * A lock is a folder. Whoever wants it first puts a mark of its own there and then looks for others': since everyone
 * writes before reading, two can never both see nobody else. Both withdraw then and try again after a random
 * while. Marks of dead processes are swept, so a killed holder blocks nobody.
 *
 * @throws The signal's reason when it aborts
 */
export async function takeLock(folder: string, options: LockOptions = {}): Promise<HeldLock> {
  const clock = options.clock ?? systemClock;
  const told = new Set<number>();
  await mkdir(folder, { recursive: true });
  for (;;) {
    options.signal?.throwIfAborted();
    // Looking before marking keeps a waiting process from being taken for a holder by the next.
    const other = (await firstOther(folder)) ?? (await mark(folder));
    if (!('pid' in other)) return other;
    if (!told.has(other.pid)) options.onWait?.(other);
    told.add(other.pid);
    await clock.sleep(RETRY_MS * (0.5 + Math.random()), options.signal);
  }
}

/** Leaves a mark: the lock where nobody else has one, otherwise the other. */
async function mark(folder: string): Promise<HeldLock | Holder> {
  const own = await ownMark();
  const release = () => rm(join(folder, own), { force: true });
  try {
    await writeFile(join(folder, own), '');
    const other = await firstOther(folder, own);
    if (!other) return { release };
    await release();
    return other;
  } catch (error) {
    await release();
    throw error;
  }
}

async function firstOther(folder: string, own?: string): Promise<Holder | undefined> {
  for (const name of await readdir(folder)) {
    if (name === own) continue;
    const holder = await liveHolder(name);
    if (holder) return holder;
    await rm(join(folder, name), { force: true });
  }
  return undefined;
}
