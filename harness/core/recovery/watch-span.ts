import {
  describeGap,
  dueOf,
  gapWithin,
  medianPeriodMs,
  silences,
  SLI_WINDOW_MS,
  slidingWindows,
  tooSeldom,
  type ProbeTrace,
  type SliWindow,
  type TimedSample,
} from './probe-windows.ts';

/** A stretch of windows outside their bound. */
interface BadSpan {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
}

/** What one target's windows say about a span of time as a whole. */
interface SpanAnswer {
  readonly bad: readonly BadSpan[];
  /** Why the span is not covered by samples, if it is not. */
  readonly hole?: string;
  /** The samples reach the end of the span. */
  readonly reached: boolean;
  /** They reach so far beyond it that every window which holds a request of the span has been seen. */
  readonly complete: boolean;
}

interface Span {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
  readonly minGoodShare: number;
}

/** Whether users stayed inside the bound from one instant to another. */
export function watchSpan(trace: ProbeTrace, span: Span): SpanAnswer {
  const samples = [...trace.samples].sort((a, b) => a.dueMonoMs - b.dueMonoMs);
  const periodMs = medianPeriodMs(samples);
  const windows = slidingWindows(samples, periodMs, span.minGoodShare);
  const bad: BadSpan[] = [];
  let open: { fromMonoMs: number; toMonoMs: number } | undefined;
  for (const window of windows) {
    const dueMs = dueOf(samples, window.last);
    if (dueMs < span.fromMonoMs || dueMs > span.toMonoMs + SLI_WINDOW_MS) continue;
    if (dueMs > span.toMonoMs ? insideBySpan(samples, window, span) : window.inside) {
      open = undefined;
    } else if (open === undefined) {
      open = { fromMonoMs: dueMs, toMonoMs: dueMs };
      bad.push(open);
    } else {
      open.toMonoMs = dueMs;
    }
  }
  const lastMs = (samples.at(-1)?.dueMonoMs ?? Number.NEGATIVE_INFINITY) + 1.5 * periodMs;
  const reach = { reached: lastMs >= span.toMonoMs, complete: lastMs >= span.toMonoMs + SLI_WINDOW_MS };
  const [firstWindow] = windows;
  const gap = gapWithin([...trace.gaps, ...silences(samples, periodMs)], span.fromMonoMs, span.toMonoMs);
  if (gap !== undefined) return { bad, ...reach, hole: describeGap(gap) };
  const seldom = tooSeldom(periodMs);
  if (seldom !== undefined) return { bad, ...reach, hole: seldom };
  if (!samples.some(({ dueMonoMs }) => dueMonoMs >= span.fromMonoMs && dueMonoMs <= span.toMonoMs))
    return { bad, ...reach, hole: 'no request was due while the fault lasted' };
  if (firstWindow === undefined || dueOf(samples, firstWindow.last) > span.fromMonoMs + SLI_WINDOW_MS) {
    return { bad, ...reach, hole: 'the probe had not watched for a whole second at its beginning' };
  }
  return { bad, ...reach };
}

/** A window that ends after the span counts the failures of the span alone: later ones are not the fault's. */
function insideBySpan(samples: readonly TimedSample[], window: SliWindow, span: Span): boolean {
  const within = samples.slice(window.first, window.last + 1);
  const bad = within.filter(
    ({ ok, dueMonoMs }) => !ok && dueMonoMs >= span.fromMonoMs && dueMonoMs <= span.toMonoMs,
  ).length;
  return 1 - bad / within.length >= span.minGoodShare;
}
