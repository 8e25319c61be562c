import type { Entry } from '../../harness/core/journal.ts';
import { probeTraces } from '../../harness/core/probe-traces.ts';
import { SLI_WINDOW_MS } from '../../harness/core/recovery.ts';
import type { TimedSample, TraceGap } from '../../harness/core/recovery.ts';

/** The share of good requests over the second that ends at an instant. */
export interface SliPoint {
  readonly monoMs: number;
  readonly share: number;
}

/** What the probe saw of one target. */
export interface ProbeSli {
  readonly target: string;
  readonly points: readonly SliPoint[];
  readonly failuresMonoMs: readonly number[];
  readonly gaps: readonly TraceGap[];
}

/** The users' indicator per probe target: good share over the trailing second, by the instants when requests were due. */
export function probeSlis(entries: readonly Entry[]): ProbeSli[] {
  return probeTraces(entries).map(({ target, samples, gaps }) => {
    const ordered = samples.toSorted((left, right) => left.dueMonoMs - right.dueMonoMs);
    return {
      target,
      points: trailingShare(ordered),
      failuresMonoMs: ordered.filter((sample) => !sample.ok).map((sample) => sample.dueMonoMs),
      gaps,
    };
  });
}

function trailingShare(ordered: readonly TimedSample[]): SliPoint[] {
  const points: SliPoint[] = [];
  let oldest = 0;
  let good = 0;
  for (const [index, sample] of ordered.entries()) {
    if (sample.ok) good++;
    for (;;) {
      const leaving = ordered[oldest];
      // Half a millisecond, as in the judge's windows: a second must not hold 21 samples of 50 ms.
      if (!leaving || leaving.dueMonoMs > sample.dueMonoMs - SLI_WINDOW_MS + 0.5) break;
      if (leaving.ok) good--;
      oldest++;
    }
    points.push({ monoMs: sample.dueMonoMs, share: good / (index - oldest + 1) });
  }
  return points;
}
