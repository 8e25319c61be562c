/** The SLI of the probe: the share of good requests over the trailing second. */
export const SLI_WINDOW_MS = 1_000;

/** One request, at the instant when it was due. */
export interface TimedSample {
  readonly dueMonoMs: number;
  readonly ok: boolean;
  /** How much later than due it was sent. */
  readonly lateMs: number;
  /** How long its answer took; absent where that is not known. */
  readonly latencyMs?: number;
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

/** The trailing second of one request, by the indexes of its first and last sample. */
export interface SliWindow {
  readonly first: number;
  readonly last: number;
  /** The share of good requests is at least the bound. */
  readonly inside: boolean;
}

/** One window per sample that has a whole second behind it. */
export function slidingWindows(
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
export function silences(samples: readonly TimedSample[], periodMs: number): TraceGap[] {
  const gaps: TraceGap[] = [];
  for (let index = 1; index < samples.length; index++) {
    const fromMonoMs = dueOf(samples, index - 1);
    const toMonoMs = dueOf(samples, index);
    if (toMonoMs - fromMonoMs > 3.5 * periodMs)
      gaps.push({ fromMonoMs, toMonoMs, reason: 'no request was due' });
  }
  return gaps;
}

export function medianPeriodMs(samples: readonly TimedSample[]): number {
  const periods: number[] = [];
  for (let index = 1; index < samples.length; index++) {
    periods.push(dueOf(samples, index) - dueOf(samples, index - 1));
  }
  periods.sort((a, b) => a - b);
  return periods[Math.floor(periods.length / 2)] ?? SLI_WINDOW_MS;
}

/** Why requests that are so far apart say nothing of a second; undefined where they are not. */
export function tooSeldom(periodMs: number): string | undefined {
  // Due instants are sums of fractions: a request a second may be due a little later.
  if (periodMs <= 1.1 * SLI_WINDOW_MS) return undefined;
  return `the probe asked only every ${Math.round(periodMs)} ms, and users are counted by the second`;
}

export function gapWithin(gaps: readonly TraceGap[], fromMs: number, toMs: number): TraceGap | undefined {
  return gaps.find((gap) => gap.fromMonoMs <= toMs && gap.toMonoMs >= fromMs);
}

export function describeGap(gap: TraceGap): string {
  const overMs = Math.round(gap.toMonoMs - gap.fromMonoMs);
  return `the probe ${overMs === 0 ? 'lacks one request' : `has a gap of ${overMs} ms`}: ${gap.reason}`;
}

export function firstGood(samples: readonly TimedSample[], window: SliWindow): number {
  for (let index = window.first; index <= window.last; index++) if (samples[index]?.ok === true) return index;
  return window.last;
}

export function firstBad(samples: readonly TimedSample[], window: SliWindow): number {
  for (let index = window.first; index <= window.last; index++)
    if (samples[index]?.ok === false) return index;
  return window.last;
}

export function dueOf(samples: readonly TimedSample[], index: number): number {
  return samples[index]?.dueMonoMs ?? Number.NaN;
}
