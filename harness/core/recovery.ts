import {
  describeGap,
  dueOf,
  firstBad,
  firstGood,
  gapWithin,
  medianPeriodMs,
  silences,
  SLI_WINDOW_MS,
  slidingWindows,
  type ProbeTrace,
  type SliWindow,
  type TimedSample,
  type TraceGap,
} from './probe-windows.ts';
import { lastPossibleLeftEdge, luckyStreak, relapseAfter } from './recovery-limits.ts';
import type { Duration } from './verdict.ts';

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
  /** Users were outside the bound again after the stable run: when, and for how long so far. */
  readonly relapse?: { readonly monoMs: number; readonly durationMs: number };
}

/**
 * Restored is the left edge of the first window of the stable run: the first good request from which on every
 * trailing second stays inside the bound for `stableForMs`, and until the limit of the claim where that is later. A
 * violation within that time moves it; so more failures never make a recovery shorter.
 */
export function recoveryFromProbe(trace: ProbeTrace, question: RecoveryQuestion): RecoveryAnswer {
  const samples = [...trace.samples].sort((a, b) => a.dueMonoMs - b.dueMonoMs);
  const periodMs = medianPeriodMs(samples);
  const last = samples.at(-1);
  if (last === undefined) return unknown('the probe sent no request', false);
  const windows = slidingWindows(samples, periodMs, question.minGoodShare);

  const before = windows.findLast((window) => dueOf(samples, window.last) <= question.requestedMonoMs);
  if (before === undefined)
    return unknown('the probe had not watched for a whole second before the fault', true);
  if (!before.inside) return unknown('users were outside the bound before the fault was injected', true);

  const gaps = [...trace.gaps, ...silences(samples, periodMs)];
  const impact = windows.findIndex(
    (window) => !window.inside && dueOf(samples, window.last) > question.requestedMonoMs,
  );
  const impactWindow = windows[impact];
  if (
    impactWindow === undefined ||
    dueOf(samples, impactWindow.last) > stableUntil(question, question.effectiveMonoMs)
  ) {
    return withoutImpact(question, last.dueMonoMs, gaps);
  }
  return afterImpact({ trace, question, samples, windows, impact, impactWindow, periodMs, gaps });
}

/** The worst of several targets: users are restored when the last of them is. */
export function worstRecovery(answers: readonly RecoveryAnswer[]): RecoveryAnswer {
  const [first, ...rest] = answers;
  if (first === undefined) return unknown('the probe sent no request', false);
  return rest.reduce((worst, answer) => {
    const settled = worst.settled && answer.settled;
    const lowMs = Math.max(worst.lowMs, answer.lowMs);
    const decisive = severity(answer) > severity(worst) ? answer : worst;
    const highMs =
      worst.highMs === undefined || answer.highMs === undefined
        ? undefined
        : Math.max(worst.highMs, answer.highMs);
    return withHigh({ ...decisive, settled, lowMs }, highMs);
  }, first);
}

function withHigh(answer: RecoveryAnswer, highMs: number | undefined): RecoveryAnswer {
  const copy: { -readonly [K in keyof RecoveryAnswer]: RecoveryAnswer[K] } = { ...answer };
  if (highMs === undefined) delete copy.highMs;
  else copy.highMs = highMs;
  return copy;
}

function severity(answer: RecoveryAnswer): number {
  switch (answer.duration.kind) {
    case 'no-impact':
      return -1;
    case 'measured':
      return answer.duration.ms;
    case 'censored':
      return 1e12 + answer.duration.atLeastMs;
    case 'unknown':
      return 1e15;
  }
}

/** How long users have to stay inside when they are from an instant on. */
function stableUntil(question: RecoveryQuestion, fromMonoMs: number): number {
  return Math.max(fromMonoMs + question.stableForMs, question.watchUntilMonoMs);
}

function withoutImpact(
  question: RecoveryQuestion,
  lastDueMs: number,
  gaps: readonly TraceGap[],
): RecoveryAnswer {
  const untilMs = stableUntil(question, question.effectiveMonoMs);
  const gap = gapWithin(gaps, question.requestedMonoMs - SLI_WINDOW_MS, untilMs);
  if (gap !== undefined) return unknown(describeGap(gap), lastDueMs >= untilMs);
  if (lastDueMs < untilMs) {
    return unknown('no impact so far, but the probe has not watched to the end of the time allowed', false);
  }
  return { duration: { kind: 'no-impact' }, settled: true, lowMs: 0, highMs: 0 };
}

interface Impact {
  readonly trace: ProbeTrace;
  readonly question: RecoveryQuestion;
  readonly samples: readonly TimedSample[];
  readonly windows: readonly SliWindow[];
  readonly impact: number;
  readonly impactWindow: SliWindow;
  readonly periodMs: number;
  readonly gaps: readonly TraceGap[];
}

function afterImpact(seen: Impact): RecoveryAnswer {
  const { question, samples, windows, trace } = seen;
  const impactMonoMs = dueOf(samples, firstBad(samples, seen.impactWindow));
  const lastDueMs = dueOf(samples, samples.length - 1);
  const errorMs = question.effectiveErrorMs + trace.clockErrorMs;
  const since = (monoMs: number): number => Math.max(0, monoMs - question.effectiveMonoMs);
  const run = stableRun(seen);

  if (run === undefined) {
    const edgeMs = lastPossibleLeftEdge(samples, question.minGoodShare, seen.periodMs);
    const lowMs = Math.max(0, since(edgeMs) - errorMs);
    const gap = gapWithin(seen.gaps, question.requestedMonoMs - SLI_WINDOW_MS, lastDueMs);
    const duration: Duration =
      gap === undefined
        ? { kind: 'censored', atLeastMs: since(edgeMs) }
        : { kind: 'unknown', reason: describeGap(gap) };
    return { duration, settled: false, lowMs, impactMonoMs };
  }

  const restored = samples[run.first];
  if (restored === undefined) throw new RangeError('a window without its first sample');
  const restoredMs = restored.dueMonoMs;
  const previousBad = samples.findLast((sample) => !sample.ok && sample.dueMonoMs < restoredMs);
  const lowMs = Math.max(0, since(previousBad?.dueMonoMs ?? restoredMs) - errorMs);
  const stableUntilMs = stableUntil(question, restoredMs);
  const confirmed = lastDueMs >= stableUntilMs;
  const gap = gapWithin(
    seen.gaps,
    question.requestedMonoMs - SLI_WINDOW_MS,
    Math.min(stableUntilMs, lastDueMs),
  );
  if (gap !== undefined) {
    return { ...unknown(describeGap(gap), confirmed), lowMs, impactMonoMs };
  }
  if (!confirmed) {
    const reason = `users seem restored, but were watched for ${Math.round(lastDueMs - restoredMs)} of ${Math.round(stableUntilMs - restoredMs)} ms since`;
    return { ...unknown(reason, false), lowMs, impactMonoMs };
  }
  const earlyMs = previousBad === undefined ? seen.periodMs : restoredMs - previousBad.dueMonoMs;
  const lateMs = Math.max(restored.lateMs, previousBad?.lateMs ?? 0);
  const luckMs = luckyStreak(samples, impactMonoMs, previousBad?.dueMonoMs ?? restoredMs) * seen.periodMs;
  const highMs = since(restoredMs) + lateMs + luckMs + errorMs;
  const relapse = relapseAfter(samples, windows, stableUntilMs);
  return {
    duration: {
      kind: 'measured',
      ms: since(restoredMs),
      errorMs: Math.max(earlyMs, luckMs) + lateMs + errorMs,
    },
    settled: true,
    lowMs,
    highMs,
    restoredMonoMs: restoredMs,
    impactMonoMs,
    ...(relapse === undefined ? {} : { relapse }),
  };
}

/** The index of the first good sample of the run's first window; undefined while the last window is outside. */
function stableRun(seen: Impact): { readonly first: number } | undefined {
  const { samples, windows, question } = seen;
  let start: number | undefined;
  for (let index = seen.impact + 1; index < windows.length; index++) {
    const window = windows[index];
    if (window === undefined) break;
    if (start !== undefined && dueOf(samples, window.last) > stableUntil(question, dueOf(samples, start)))
      break;
    if (!window.inside) start = undefined;
    else start ??= firstGood(samples, window);
  }
  return start === undefined ? undefined : { first: start };
}

function unknown(reason: string, settled: boolean): RecoveryAnswer {
  return { duration: { kind: 'unknown', reason }, settled, lowMs: 0 };
}
