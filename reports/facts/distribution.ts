import { describeDistribution } from '../../harness/core/recovery/stats.ts';
import type { Distribution, Observation } from '../../harness/core/recovery/stats.ts';
import type { Duration } from '../../harness/core/verdict.ts';
import { seconds } from './wording.ts';

/** How one figure came out over several trials. */
export interface Spread {
  readonly trials: number;
  /** Measured values in ascending order; no impact counts as zero. */
  readonly valuesMs: readonly number[];
  /** Trials in which the end never came, with how long was watched. */
  readonly censoredAtMs: readonly number[];
  /** Trials that cannot say. */
  readonly unknown: number;
  readonly distribution: Distribution;
}

export function spreadOf(durations: readonly Duration[], seed: number): Spread {
  const observations = durations.flatMap((duration): Observation[] => {
    if (duration.kind === 'measured') return [{ ms: duration.ms, censored: false }];
    if (duration.kind === 'no-impact') return [{ ms: 0, censored: false }];
    return duration.kind === 'censored' ? [{ ms: duration.atLeastMs, censored: true }] : [];
  });
  const ascending = (wanted: boolean): number[] =>
    observations
      .filter((one) => one.censored === wanted)
      .map((one) => one.ms)
      .sort((left, right) => left - right);
  return {
    trials: durations.length,
    valuesMs: ascending(false),
    censoredAtMs: ascending(true),
    unknown: durations.length - observations.length,
    distribution: describeDistribution(observations, seed),
  };
}

/** One line about a spread; it claims no percentile that the number of trials cannot carry. */
export function describeSpread({ trials, valuesMs, censoredAtMs, unknown, distribution }: Spread): string {
  const most = valuesMs.at(-1);
  const { median, medianInterval, p95, claim } = distribution;
  const parts = [`n = ${trials}`];
  if (Number.isFinite(median)) parts.push(`median ${seconds(median)}${interval(medianInterval)}`);
  if (claim.startsWith('p95') && Number.isFinite(p95)) parts.push(`95th percentile ${seconds(p95)}`);
  if (most !== undefined && censoredAtMs.length + unknown === 0)
    parts.push(`all of ${trials} within ${seconds(most)}`);
  if (most !== undefined && censoredAtMs.length + unknown > 0)
    parts.push(`${valuesMs.length} within ${seconds(most)}`);
  if (censoredAtMs.length > 0) parts.push(`${censoredAtMs.length} not recovered`);
  if (unknown > 0) parts.push(`${unknown} cannot say`);
  return parts.join(', ');
}

function interval({ low, high }: Distribution['medianInterval']): string {
  return Number.isFinite(low) && Number.isFinite(high) && high > low
    ? ` (90 % interval ${seconds(low)} to ${seconds(high)})`
    : '';
}
