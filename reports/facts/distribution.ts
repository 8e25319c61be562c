import {
  medianInterval,
  medianOf,
  quantileAtMost,
  type Interval,
  type Observation,
} from '../../harness/core/recovery/stats.ts';
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
}

export function spreadOf(durations: readonly Duration[]): Spread {
  const ascending = (values: readonly (number | undefined)[]): number[] =>
    values.filter((value) => value !== undefined).sort((left, right) => left - right);
  return {
    trials: durations.length,
    valuesMs: ascending(
      durations.map((one) => (one.kind === 'measured' ? one.ms : one.kind === 'no-impact' ? 0 : undefined)),
    ),
    censoredAtMs: ascending(durations.map((one) => (one.kind === 'censored' ? one.atLeastMs : undefined))),
    unknown: durations.filter((one) => one.kind === 'unknown').length,
  };
}

/** One line about a spread; it claims nothing that the number of trials cannot carry. */
export function describeSpread({ trials, valuesMs, censoredAtMs, unknown }: Spread): string {
  const most = valuesMs.at(-1);
  const known = [...trialsOf(valuesMs, false), ...trialsOf(censoredAtMs, true)];
  // A trial that cannot say may have been the slowest.
  const p95 = quantileAtMost([...known, ...trialsOf(Array<number>(unknown).fill(0), true)], 0.95, 0.95);
  const parts = [`n = ${trials}`];
  if (known.length > 0)
    parts.push(`${middle(known)} (${interval(medianInterval(known, 0.9), known.length)})`);
  if (p95 !== undefined) parts.push(`95th percentile at most ${seconds(p95)} (95 % confidence)`);
  if (most !== undefined && censoredAtMs.length + unknown === 0)
    parts.push(`all of ${trials} within ${seconds(most)}`);
  if (most !== undefined && censoredAtMs.length + unknown > 0)
    parts.push(`${valuesMs.length} within ${seconds(most)}`);
  if (censoredAtMs.length > 0) parts.push(`${censoredAtMs.length} not recovered`);
  if (unknown > 0) parts.push(`${unknown} cannot say`);
  return parts.join(', ');
}

function trialsOf(values: readonly number[], censored: boolean): Observation[] {
  return values.map((ms) => ({ ms, censored }));
}

function middle(known: readonly Observation[]): string {
  const { low, high } = medianOf(known);
  return `median ${low === high ? '' : 'at least '}${seconds(low)}`;
}

function interval(bounds: Interval | undefined, n: number): string {
  if (bounds === undefined) return `no 90 % interval at n = ${n}`;
  const { low, high } = bounds;
  return Number.isFinite(high)
    ? `90 % interval ${seconds(low)} to ${seconds(high)}`
    : `90 % interval from ${seconds(low)}, no upper end`;
}
