import { createRng } from '../seed.ts';

/** One trial's outcome for the statistics: a time, or the fact that it had not ended by then. */
export interface Observation {
  readonly ms: number;
  readonly censored: boolean;
}

interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The value below which a share `q` of the values lies, interpolated between neighbours (the method of most
 * spreadsheets and of numpy's default). NaN for no values.
 */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function p95(values: readonly number[]): number {
  return quantile(values, 0.95);
}

/** The percentile bootstrap: draws as many values with replacement, many times, and takes the middle `level` of the results. */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
  options: { readonly seed: number; readonly level?: number; readonly resamples?: number },
): Interval {
  if (values.length === 0) return { low: Number.NaN, high: Number.NaN };
  const { seed, level = 0.9, resamples = 2_000 } = options;
  const rng = createRng(seed);
  const results: number[] = [];
  for (let round = 0; round < resamples; round++) {
    results.push(statistic(values.map(() => rng.pick(values))));
  }
  const tail = (1 - level) / 2;
  return { low: quantile(results, tail), high: quantile(results, 1 - tail) };
}

/**
 * How many trials, all of them below, it takes to say with this confidence that a share `q` lies below their maximum:
 * 59 for the 95th percentile with 95 % confidence.
 */
export function trialsForQuantile(q: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(q));
}

/** The distribution of one figure across trials, as a report states it. */
export interface Distribution {
  readonly n: number;
  readonly notRecovered: number;
  readonly median: number;
  readonly medianInterval: Interval;
  readonly p95: number;
  /** What may be claimed about the 95th percentile with so many trials. */
  readonly claim: string;
}

/** Trials that did not recover count as infinitely long in the quantiles: they are never dropped. */
export function describeDistribution(observations: readonly Observation[], seed: number): Distribution {
  const values = observations.map((one) => (one.censored ? Number.POSITIVE_INFINITY : one.ms));
  const n = values.length;
  const needed = trialsForQuantile(0.95, 0.95);
  return {
    n,
    notRecovered: values.filter((value) => value === Number.POSITIVE_INFINITY).length,
    median: finiteQuantile(values, 0.5),
    medianInterval: bootstrapInterval(values, (drawn) => finiteQuantile(drawn, 0.5), { seed }),
    p95: finiteQuantile(values, 0.95),
    claim: n >= needed ? 'p95 with 95 % confidence' : `all of ${n}`,
  };
}

/** Like `quantile`, but never interpolates towards a trial that did not end: the upper neighbour counts. */
function finiteQuantile(values: readonly number[], q: number): number {
  const result = quantile(values, q);
  if (!Number.isNaN(result)) return result;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length - 1) * q)] ?? Number.NaN;
}
