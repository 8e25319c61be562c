/** One trial's outcome for the statistics: a time, or the fact that it had not ended by then, which is at least that. */
export interface Observation {
  readonly ms: number;
  readonly censored: boolean;
}

/** `high` is infinite where too many trials had not ended. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The value below which a share `q` of the values lies, interpolated between neighbours (the method of most
 * spreadsheets and of numpy's default). NaN for no values. It describes these values, and claims nothing of others.
 */
export function quantile(values: readonly number[], q: number): number {
  const sorted = ascending(values);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  // Between a value and infinity there is nothing to interpolate.
  return below === above ? below : below + (above - below) * (position - Math.floor(position));
}

/** The middle of the trials; where some that had not ended leave it open: the least that it can be, and infinity. */
export function medianOf(observations: readonly Observation[]): Interval {
  const high = quantile(latest(observations), 0.5);
  if (high === quantile(earliest(observations), 0.5)) return { low: high, high };
  return { low: rank(earliest(observations), Math.ceil(observations.length / 2)), high: Infinity };
}

/**
 * Two of the values between which the true median lies in at least this share of samples, whatever the distribution:
 * on either side as many values lie as fall there by chance in half of the rest. Undefined where even the extremes hold
 * it too seldom, which is so below 5 trials at 90 %.
 */
export function medianInterval(observations: readonly Observation[], level: number): Interval | undefined {
  const n = observations.length;
  const outer = exceeded((1 - level) / 2, n, 0.5);
  if (outer === 0) return undefined;
  return { low: rank(earliest(observations), outer), high: rank(latest(observations), n + 1 - outer) };
}

/**
 * The least of the values that is no less than the true quantile `q` with this confidence, whatever the distribution:
 * the maximum of 59 for the 95th percentile with 95 %. Undefined for fewer, and where that trial had not ended.
 */
export function quantileAtMost(
  observations: readonly Observation[],
  q: number,
  confidence: number,
): number | undefined {
  const n = observations.length;
  const bound = rank(latest(observations), exceeded(confidence, n, q) + 1);
  return Number.isFinite(bound) ? bound : undefined;
}

function earliest(observations: readonly Observation[]): number[] {
  return ascending(observations.map(({ ms }) => ms));
}

function latest(observations: readonly Observation[]): number[] {
  return ascending(observations.map(({ ms, censored }) => (censored ? Infinity : ms)));
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => (a === b ? 0 : a - b));
}

/** The value with this rank, from 1. */
function rank(sorted: readonly number[], place: number): number {
  return sorted[place - 1] ?? Number.NaN;
}

/** The least number such that of `n` trials no more than it come true with more than this chance, each with the chance `share`. */
function exceeded(chance: number, n: number, share: number): number {
  // By logarithms: the chance that none of many comes true is smaller than the smallest number.
  let log = n * Math.log(1 - share);
  let sum = Math.exp(log);
  let most = 0;
  while (most < n && sum <= chance) {
    log += Math.log(((n - most) * share) / ((most + 1) * (1 - share)));
    sum += Math.exp(log);
    most++;
  }
  return most;
}
