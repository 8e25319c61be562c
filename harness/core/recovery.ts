import type { Duration } from './verdict.ts';

/** The SLI of the probe: the share of good requests over the trailing second. */
export const SLI_WINDOW_MS = 1_000;

/** Share of the outage's last requests that may have been lucky, for the far end of the bracket. */
const LUCK = 0.05;

/** One request, at the instant when it was due. */
export interface TimedSample {
  readonly dueMonoMs: number;
  readonly ok: boolean;
  /** How much later than due it was sent. */
  readonly lateMs: number;
}

export interface TraceGap {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
  readonly reason: string;
}

/** What one probe target saw. */
export interface ProbeTrace {
  readonly target: string;
  readonly samples: readonly TimedSample[];
  readonly gaps: readonly TraceGap[];
  /** How far the mapping of the probe's clock to ours may be off. */
  readonly clockErrorMs: number;
}

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

interface SliWindow {
  readonly first: number;
  readonly last: number;
  readonly inside: boolean;
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

/** A stretch of windows outside their bound. */
export interface BadSpan {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
}

/** What one target's windows say about a span of time as a whole. */
export interface SpanAnswer {
  readonly bad: readonly BadSpan[];
  /** Why the span is not covered by samples, if it is not. */
  readonly hole?: string;
  /** The samples reach the end of the span. */
  readonly complete: boolean;
}

/** Whether users stayed inside the bound from one instant to another. */
export function watchSpan(
  trace: ProbeTrace,
  span: { readonly fromMonoMs: number; readonly toMonoMs: number; readonly minGoodShare: number },
): SpanAnswer {
  const samples = [...trace.samples].sort((a, b) => a.dueMonoMs - b.dueMonoMs);
  const periodMs = medianPeriodMs(samples);
  const windows = slidingWindows(samples, periodMs, span.minGoodShare);
  const bad: BadSpan[] = [];
  let open: { fromMonoMs: number; toMonoMs: number } | undefined;
  for (const window of windows) {
    const dueMs = dueOf(samples, window.last);
    if (dueMs < span.fromMonoMs || dueMs > span.toMonoMs) continue;
    if (window.inside) {
      open = undefined;
    } else if (open === undefined) {
      open = { fromMonoMs: dueMs, toMonoMs: dueMs };
      bad.push(open);
    } else {
      open.toMonoMs = dueMs;
    }
  }
  const complete = (samples.at(-1)?.dueMonoMs ?? Number.NEGATIVE_INFINITY) >= span.toMonoMs - 1.5 * periodMs;
  const [firstWindow] = windows;
  const gap = gapWithin([...trace.gaps, ...silences(samples, periodMs)], span.fromMonoMs, span.toMonoMs);
  if (gap !== undefined) return { bad, complete, hole: describeGap(gap) };
  if (firstWindow === undefined || dueOf(samples, firstWindow.last) > span.fromMonoMs + SLI_WINDOW_MS) {
    return { bad, complete, hole: 'the probe had not watched for a whole second at its beginning' };
  }
  return { bad, complete };
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

function relapseAfter(
  samples: readonly TimedSample[],
  windows: readonly SliWindow[],
  afterMs: number,
): { monoMs: number; durationMs: number } | undefined {
  const bad = windows.filter((window) => !window.inside && dueOf(samples, window.last) > afterMs);
  const [first] = bad;
  const final = bad.at(-1);
  if (first === undefined || final === undefined) return undefined;
  const monoMs = dueOf(samples, first.last);
  return { monoMs, durationMs: dueOf(samples, final.last) - monoMs };
}

/**
 * While windows are still outside, a window inside the bound can begin no earlier than after the newest bad request
 * that it could not afford to hold.
 */
function lastPossibleLeftEdge(
  samples: readonly TimedSample[],
  minGoodShare: number,
  periodMs: number,
): number {
  const perWindow = Math.max(1, Math.round(SLI_WINDOW_MS / periodMs));
  let affordable = Math.floor((1 - minGoodShare) * perWindow + 1e-9);
  for (let index = samples.length - 1; index >= 0; index--) {
    const sample = samples[index];
    if (sample === undefined || sample.ok) continue;
    if (affordable-- === 0) return sample.dueMonoMs;
  }
  return dueOf(samples, 0);
}

/**
 * Requests that may have been good by luck after the last bad one, while the fault was still there: a fault that hits
 * a third of the replicas lets two of three requests through. 0 for a total outage.
 */
function luckyStreak(samples: readonly TimedSample[], fromMs: number, lastBadMs: number): number {
  const during = samples.filter((sample) => sample.dueMonoMs >= fromMs && sample.dueMonoMs <= lastBadMs);
  const recent = during.slice(-40);
  const bad = recent.filter((sample) => !sample.ok).length;
  if (bad === recent.length || recent.length === 0) return 0;
  const share = Math.max(bad - 1, 1) / Math.max(recent.length - 1, 1);
  return share >= 1 ? 0 : Math.ceil(Math.log(LUCK) / Math.log(1 - share)) - 1;
}

function slidingWindows(
  samples: readonly TimedSample[],
  periodMs: number,
  minGoodShare: number,
): SliWindow[] {
  const windows: SliWindow[] = [];
  const startMs = dueOf(samples, 0);
  let first = 0;
  let good = 0;
  for (let last = 0; last < samples.length; last++) {
    const dueMs = dueOf(samples, last);
    if (samples[last]?.ok === true) good++;
    // Half a millisecond: due times are sums of fractions, and a window of a second must not hold 21 samples of 50 ms.
    while (dueOf(samples, first) <= dueMs - SLI_WINDOW_MS + 0.5) {
      if (samples[first]?.ok === true) good--;
      first++;
    }
    if (dueMs - startMs < SLI_WINDOW_MS - 1.5 * periodMs) continue;
    windows.push({ first, last, inside: good / (last - first + 1) >= minGoodShare });
  }
  return windows;
}

/** Stretches in which no request was due although one should have been, whatever the sequence numbers say. */
function silences(samples: readonly TimedSample[], periodMs: number): TraceGap[] {
  const gaps: TraceGap[] = [];
  for (let index = 1; index < samples.length; index++) {
    const fromMonoMs = dueOf(samples, index - 1);
    const toMonoMs = dueOf(samples, index);
    if (toMonoMs - fromMonoMs > 3.5 * periodMs)
      gaps.push({ fromMonoMs, toMonoMs, reason: 'no request was due' });
  }
  return gaps;
}

function medianPeriodMs(samples: readonly TimedSample[]): number {
  const periods: number[] = [];
  for (let index = 1; index < samples.length; index++) {
    periods.push(dueOf(samples, index) - dueOf(samples, index - 1));
  }
  periods.sort((a, b) => a - b);
  return periods[Math.floor(periods.length / 2)] ?? SLI_WINDOW_MS;
}

function gapWithin(gaps: readonly TraceGap[], fromMs: number, toMs: number): TraceGap | undefined {
  return gaps.find((gap) => gap.fromMonoMs <= toMs && gap.toMonoMs >= fromMs);
}

function describeGap(gap: TraceGap): string {
  return `the probe has a gap of ${Math.round(gap.toMonoMs - gap.fromMonoMs)} ms: ${gap.reason}`;
}

function firstGood(samples: readonly TimedSample[], window: SliWindow): number {
  for (let index = window.first; index <= window.last; index++) if (samples[index]?.ok === true) return index;
  return window.last;
}

function firstBad(samples: readonly TimedSample[], window: SliWindow): number {
  for (let index = window.first; index <= window.last; index++)
    if (samples[index]?.ok === false) return index;
  return window.last;
}

function dueOf(samples: readonly TimedSample[], index: number): number {
  return samples[index]?.dueMonoMs ?? Number.NaN;
}

function unknown(reason: string, settled: boolean): RecoveryAnswer {
  return { duration: { kind: 'unknown', reason }, settled, lowMs: 0 };
}
