import type { Duration } from '../verdict.ts';

export interface RecoveryQuestion {
  /** From here on a violation is put down to the fault. */
  readonly requestedMonoMs: number;
  readonly effectiveMonoMs: number;
  readonly effectiveErrorMs: number;
  /** The bound of the SLI: at least this share of requests is good. */
  readonly minGoodShare: number;
  readonly stableForMs: number;
  /**
   * Up to here (the limit of the claim) every violation counts, also one after a stable run: users who are out at the
   * limit have not been restored within it.
   */
  readonly watchUntilMonoMs: number;
}

/** The time from effective to restored, as far as the samples so far tell. */
export interface RecoveryAnswer {
  readonly duration: Duration;
  /** More samples cannot change the answer. */
  readonly settled: boolean;
  /** Whatever comes, recovery took at least this long; 0 when nothing is known. */
  readonly lowMs: number;
  /** Recovery took at most this long; absent while it is not restored or not known. */
  readonly highMs?: number;
  readonly restoredMonoMs?: number;
  /** The due time of the first request of the first window outside its bound. */
  readonly impactMonoMs?: number;
  /** What the time is counted from where users were hit before the effect was proven: their impact. */
  readonly originMonoMs?: number;
  /** Users were outside the bound again after the stable run: when, and for how long so far. */
  readonly relapse?: { readonly monoMs: number; readonly durationMs: number };
}

/** How long users have to stay inside when they are from an instant on. */
export function stableUntil(question: RecoveryQuestion, fromMonoMs: number): number {
  return Math.max(fromMonoMs + question.stableForMs, question.watchUntilMonoMs);
}

/** The answer where there is none; `settled` when no amount of samples will change that. */
export function unknownRecovery(reason: string, settled: boolean): RecoveryAnswer {
  return { duration: { kind: 'unknown', reason }, settled, lowMs: 0 };
}
