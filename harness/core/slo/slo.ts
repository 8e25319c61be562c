/** The range that an indicator has to stay in. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/**
 * Which clocks decide: what users saw (`probe`), what production would see (`promql`), or both, which is the default
 * and asks that they agree. A limit below the resolution of PromQL can only be judged by the probe.
 */
export type Judges = 'probe-and-promql' | 'probe' | 'promql';

/** A service level objective: a PromQL expression, its bound, and how long it has to stay inside. */
export interface Slo {
  readonly id: string;
  readonly query: string;
  readonly bound: Bound;
  /** Milliseconds for which the indicator has to stay inside its bound to count as restored. */
  readonly stableForMs: number;
  /** How people call it; the id when absent. */
  readonly name?: string;
  /** W: the longest range that the query looks back over, read from the parsed expression, and the indicator's own delay. */
  readonly windowMs?: number;
  /** The recording rules that W was read through; without them W is that of the text alone. */
  readonly rules?: readonly RecordingRule[];
}

/** How Prometheus makes a recorded series, as it says itself. */
export interface RecordingRule {
  /** The name of the series. */
  readonly record: string;
  readonly query: string;
  /** How often it is evaluated: so old may the newest value be. */
  readonly intervalMs: number;
}

/**
 * Whether a value lies in the range. What is no number lies in none, on either side: infinity, the largest numbers, which
 * is how older journals write it, NaN, and a bound of null, which JSON makes of infinity.
 */
export function insideBound(value: number, bound: Bound): boolean {
  const limit = numberOf(bound);
  if (!Number.isFinite(limit) || !(Math.abs(value) < Number.MAX_VALUE)) return false;
  return 'atLeast' in bound ? value >= limit : value <= limit;
}

/** The share of good requests that a bound asks for; undefined where it is no such share, and the probe cannot judge it. */
export function goodShareOf(bound: Bound | undefined): number | undefined {
  const share = bound !== undefined && 'atLeast' in bound ? bound.atLeast : undefined;
  return share !== undefined && share > 0 && share <= 1 ? share : undefined;
}

export function numberOf(bound: Bound): number {
  return 'atLeast' in bound ? bound.atLeast : bound.atMost;
}

export function describeBound(bound: Bound): string {
  return 'atLeast' in bound ? `>= ${bound.atLeast}` : `<= ${bound.atMost}`;
}
