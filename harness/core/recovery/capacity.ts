import type { Duration } from '../verdict.ts';

/** A change of the number of replicas that count, stamped on arrival. */
export interface CapacityChange {
  readonly monoMs: number;
  readonly ready: number;
  readonly wanted: number;
}

interface CapacityQuestion {
  readonly requestedMonoMs: number;
  readonly effectiveMonoMs: number;
  readonly effectiveErrorMs: number;
  /** How late the watch may have been. */
  readonly arrivalErrorMs: number;
  readonly stableForMs: number;
  /** Up to here (the limit of a claim) every loss counts, also one after a stable time. */
  readonly watchUntilMonoMs: number;
  /** The end of the observation. */
  readonly untilMonoMs: number;
  /** Replicas that the fault takes away, whether the API has noticed or not. */
  readonly podsHit: number;
}

/** The duration and, when measured, the instant. */
export interface CapacityAnswer {
  readonly duration: Duration;
  readonly settled: boolean;
  readonly capacityMonoMs?: number;
  /** The answer rests on what the watch saw until here; absent: on all that it saw. */
  readonly stableUntilMonoMs?: number;
}

/**
 * Time until all wanted replicas are Ready again and stay so, until the limit of the claim at least. The API may believe in a dead node's replicas for most
 * of a minute: as long as it has not seen a loss that is known to have happened, the answer is unknown, never "none".
 */
export function capacityRecovery(
  changes: readonly CapacityChange[],
  question: CapacityQuestion,
): CapacityAnswer {
  const sorted = [...changes].sort((a, b) => a.monoMs - b.monoMs);
  const before = sorted.findLast((change) => change.monoMs <= question.requestedMonoMs);
  if (before === undefined) return unknown('the watch had not seen the workload before the fault', true);
  if (before.wanted === 0) return unknown('no replica was wanted before the fault', true);
  if (before.ready < before.wanted) {
    return unknown(`only ${before.ready} of ${before.wanted} replicas were Ready before the fault`, true);
  }

  const stableUntil = (fromMs: number): number =>
    Math.max(fromMs + question.stableForMs, question.watchUntilMonoMs);
  let lost = false;
  let fullSinceMs: number | undefined;
  for (const change of sorted) {
    if (change.monoMs <= question.requestedMonoMs) continue;
    if (change.monoMs > question.untilMonoMs) break;
    if (fullSinceMs !== undefined && change.monoMs > stableUntil(fullSinceMs)) break;
    if (isMissing(change)) {
      lost = true;
      fullSinceMs = undefined;
    } else if (lost) {
      fullSinceMs ??= change.monoMs;
    }
  }

  const sinceMs = (monoMs: number): number => Math.max(0, monoMs - question.effectiveMonoMs);
  const watchedMs = sinceMs(question.untilMonoMs);
  if (!lost) {
    return question.podsHit > 0
      ? unknown(
          `the API never noticed the loss of ${question.podsHit} replicas in ${Math.round(watchedMs)} ms`,
          false,
        )
      : { duration: { kind: 'no-impact' }, settled: false };
  }
  if (fullSinceMs === undefined) {
    return { duration: { kind: 'censored', atLeastMs: watchedMs }, settled: false };
  }
  if (question.untilMonoMs < stableUntil(fullSinceMs)) {
    return unknown('all replicas are Ready, but not yet for long enough', false);
  }
  const ms = sinceMs(fullSinceMs);
  const errorMs = question.effectiveErrorMs + question.arrivalErrorMs;
  return {
    duration: { kind: 'measured', ms, lowMs: Math.max(0, ms - errorMs), highMs: ms + errorMs },
    settled: true,
    capacityMonoMs: fullSinceMs,
    stableUntilMonoMs: stableUntil(fullSinceMs),
  };
}

/** Where no replica is wanted any more, none stands for those that were lost. */
export function isMissing({ ready, wanted }: Pick<CapacityChange, 'ready' | 'wanted'>): boolean {
  return ready < wanted || wanted === 0;
}

function unknown(reason: string, settled: boolean): CapacityAnswer {
  return { duration: { kind: 'unknown', reason }, settled };
}
