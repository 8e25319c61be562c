import type { Entry } from '../../harness/core/journal/journal.ts';
import { probeTraces } from '../../harness/core/recovery/probe-traces.ts';
import {
  medianPeriodMs,
  silences,
  slidingWindows,
  type TimedSample,
  type TraceGap,
} from '../../harness/core/recovery/probe-windows.ts';

/** The share of good requests over the second that ends at an instant. */
interface SliPoint {
  readonly monoMs: number;
  readonly share: number;
}

/** What the probe saw of one target. */
interface ProbeSli {
  readonly target: string;
  readonly points: readonly SliPoint[];
  readonly failuresMonoMs: readonly number[];
  readonly gaps: readonly TraceGap[];
}

/** The users' indicator per probe target: good share over the trailing second, by the instants when requests were due. */
export function probeSlis(entries: readonly Entry[]): ProbeSli[] {
  return probeTraces(entries).map(({ target, samples, gaps }) => {
    const ordered = samples.toSorted((left, right) => left.dueMonoMs - right.dueMonoMs);
    const periodMs = medianPeriodMs(ordered);
    return {
      target,
      points: trailingShare(ordered, periodMs),
      failuresMonoMs: ordered.filter((sample) => !sample.ok).map((sample) => sample.dueMonoMs),
      gaps: [
        ...gaps,
        ...silences(ordered, periodMs).filter((silence) => !gaps.some((gap) => covers(gap, silence))),
      ],
    };
  });
}

/** The judge's own windows, so that the curve crosses its bound where the judge says that it does. */
function trailingShare(ordered: readonly TimedSample[], periodMs: number): SliPoint[] {
  return slidingWindows(ordered, periodMs, 1).map(({ first, last }) => {
    const within = ordered.slice(first, last + 1);
    return {
      monoMs: within.at(-1)?.dueMonoMs ?? NaN,
      share: within.filter(({ ok }) => ok).length / within.length,
    };
  });
}

function covers(gap: TraceGap, other: TraceGap): boolean {
  return gap.fromMonoMs <= other.toMonoMs && gap.toMonoMs >= other.fromMonoMs;
}
