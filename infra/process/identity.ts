import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../harness/core/errors.ts';
import { kernelText } from '../../harness/core/kernel-text.ts';

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

/** State letter, start time and time on the processor (both in clock ticks) of a process, or undefined where there is none. */
function statOf(pid: number): { state: string; startTicks: number; usedTicks: number } | undefined {
  const stat = kernelText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command in parentheses may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const usedTicks = Number(fields[11]) + Number(fields[12]);
  return { state: fields[0] ?? '?', startTicks: Number(fields[19]), usedTicks };
}

/** Clock ticks that a process has had on the processor, with those of its own threads; undefined where there is none. */
export function usedTicks(pid: number): number | undefined {
  return statOf(pid)?.usedTicks;
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** @throws FiredrillError `process.no-identity` where there is no /proc */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid);
  if (identity !== undefined) return identity;
  throw new FiredrillError('process.no-identity', 'this process cannot be found in /proc', {
    hint: 'run it on Linux, where /proc tells when a process has started',
  });
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

/** A new name for a file or folder of this process, from which others see whether it still lives. */
export function ownName(): string {
  const { pid, startTicks } = ownIdentity();
  return `${pid}-${startTicks}-${randomBytes(4).toString('hex')}`;
}

/** Whether the process lives that has given this name by `ownName`; undefined for a name that it cannot have given. */
export function ownerOfName(name: string): 'alive' | 'dead' | undefined {
  const [, pid, startTicks] = /^(\d+)-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
  if (pid === undefined) return undefined;
  const isOwnerAlive = isAlive({ pid: Number(pid), startTicks: Number(startTicks), bootId: bootId() });
  return isOwnerAlive ? 'alive' : 'dead';
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
