import {
  describeGap,
  dueOf,
  gapWithin,
  medianPeriodMs,
  silences,
  SLI_WINDOW_MS,
  slidingWindows,
  type ProbeTrace,
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
