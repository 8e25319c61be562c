/** The range that an indicator has to stay in. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** A service level objective: a PromQL expression, its bound, and how long it has to stay inside. */
export interface Slo {
  readonly id: string;
  readonly query: string;
  readonly bound: Bound;
  /** Milliseconds for which the indicator has to stay inside its bound to count as restored. */
  readonly stableForMs: number;
}

export function insideBound(value: number, bound: Bound): boolean {
  return 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;
}

export function describeBound(bound: Bound): string {
  return 'atLeast' in bound ? `>= ${bound.atLeast}` : `<= ${bound.atMost}`;
}
