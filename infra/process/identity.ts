import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../harness/core/errors.ts';

/** A process that can be told from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which it started (field 22 of /proc/PID/stat). */
  readonly startTicks: number;
  readonly bootId: string;
}

/** The boot that this machine is in. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** State letter and start time of a process, or undefined where there is none. */
function statOf(pid: number): { state: string; startTicks: number } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
  // The command in parentheses may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '?', startTicks: Number(fields[19]) };
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** Whether exactly this process still runs; a zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = statOf(identity.pid);
  return (
    stat !== undefined &&
    stat.startTicks === identity.startTicks &&
    stat.state !== 'Z' &&
    identity.bootId === bootId()
  );
}

/**
 * Resolves when the process has ended. It need not be a child of this one, so it is looked for every few milliseconds.
 * @throws FiredrillError `process.still-alive`
 */
export async function untilGone(identity: ProcessIdentity, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (isAlive(identity)) {
    if (performance.now() > deadlineMs) {
      throw new FiredrillError(
        'process.still-alive',
        `process ${identity.pid} has not ended within ${withinMs} ms`,
      );
    }
    await delay(5);
  }
}
