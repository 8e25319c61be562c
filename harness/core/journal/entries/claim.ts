import type { Bound, Judges } from '../../slo/slo.ts';

/** What the scenario claims. */
export type ClaimEntry = SloClaim | AssertionFailed;

/** A claim that the scenario makes; matchers journal it and wait until `judge` has decided it. */
export interface SloClaim {
  readonly kind: 'slo.claim';
  readonly claimId: string;
  readonly claim:
    | 'recover-within'
    | 'capacity-within'
    | 'hold-while'
    | 'fire-within'
    | 'resolve-within'
    | 'stay-silent'
    | 'fenced-first'
    | 'assertion';
  readonly sloId: string;
  readonly query: string;
  readonly bound?: Bound;
  readonly stableForMs: number;
  readonly withinMs?: number;
  /** The fault that the claim counts from; absent: from the moment of the claim. */
  readonly injectionId?: string;
  /** Absent: probe and PromQL, which have to agree. */
  readonly judgedBy?: Judges;
  /**
   * For `fire-within`, `resolve-within` and `stay-silent`: what is watched. An alert by name and labels, or the
   * actions of the healer. Absent: the alert named by `sloId`.
   */
  readonly subject?:
    | { readonly alert: string; readonly labels?: Readonly<Record<string, string>> }
    | { readonly healer: 'actions' };
}

/** A plain `expect` of the scenario that failed: a violated finding. */
interface AssertionFailed {
  readonly kind: 'assertion.failed';
  readonly message: string;
}
