/** Sequence numbers and due instants of one target: a pure function of its start. */
export interface Schedule {
  readonly startMonoMs: number;
  readonly intervalMs: number;
}

/**
 * A request that is later than this would tell about another instant than the one it belongs to: half of the second
 * over which the indicator is taken.
 */
export const LATE_LIMIT_MS = 500;

interface DueWork {
  /** Too late to be sent; inclusive. */
  readonly late?: { readonly fromSeq: number; readonly toSeq: number };
  /** To be sent now, in order. */
  readonly send: readonly number[];
  /** The first sequence number that is not due yet. */
  readonly nextSeq: number;
  /** How long until the next question is due. */
  readonly waitMs: number;
}

export function dueMonoMs(schedule: Schedule, seq: number): number {
  return schedule.startMonoMs + seq * schedule.intervalMs;
}

/** What to do at `nowMonoMs` when `nextSeq` is the first number not handled yet. */
export function dueWork(schedule: Schedule, nextSeq: number, nowMonoMs: number): DueWork {
  const elapsedMs = nowMonoMs - schedule.startMonoMs;
  const end = Math.max(nextSeq, Math.floor(elapsedMs / schedule.intervalMs) + 1);
  const firstInTime = Math.max(nextSeq, Math.ceil((elapsedMs - LATE_LIMIT_MS) / schedule.intervalMs));
  const send = Array.from({ length: end - firstInTime }, (_, index) => firstInTime + index);
  return {
    ...(firstInTime > nextSeq ? { late: { fromSeq: nextSeq, toSeq: firstInTime - 1 } } : {}),
    send,
    nextSeq: end,
    waitMs: dueMonoMs(schedule, end) - nowMonoMs,
  };
}
