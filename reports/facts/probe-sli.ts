import type { Entry } from '../../harness/core/journal.ts';
import { entriesOf } from '../../harness/core/journal.ts';

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
  readonly gaps: readonly { readonly fromMonoMs: number; readonly toMonoMs: number; readonly reason: string }[];
}

const TRAILING_MS = 1000;

/** The users' indicator per probe target: good share over the trailing second, by the instants when requests were due. */
export function probeSlis(entries: readonly Entry[]): ProbeSli[] {
  const gaps = entriesOf(entries, 'probe.gap');
  const byTarget = Map.groupBy(entriesOf(entries, 'probe.sample'), (sample) => sample.target);
  return [...byTarget].map(([target, samples]) => {
    const ordered = samples.toSorted((left, right) => left.dueMonoMs - right.dueMonoMs);
    return {
      target,
      points: trailingShare(ordered),
      failuresMonoMs: ordered.filter((sample) => !sample.ok).map((sample) => sample.dueMonoMs),
      gaps: gaps.filter((gap) => gap.target === target),
    };
  });
}

function trailingShare(ordered: readonly { readonly dueMonoMs: number; readonly ok: boolean }[]): SliPoint[] {
  const points: SliPoint[] = [];
  let oldest = 0;
  let good = 0;
  for (const [index, sample] of ordered.entries()) {
    if (sample.ok) good++;
    for (;;) {
      const leaving = ordered[oldest];
      if (!leaving || leaving.dueMonoMs > sample.dueMonoMs - TRAILING_MS) break;
      if (leaving.ok) good--;
      oldest++;
    }
    points.push({ monoMs: sample.dueMonoMs, share: good / (index - oldest + 1) });
  }
  return points;
}
