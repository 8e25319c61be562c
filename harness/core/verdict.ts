/** The judgement of a trial. `violated` outranks `inconclusive`, which outranks `held`. */
export type Outcome = 'held' | 'violated' | 'inconclusive';

/** What decides where outcomes differ: a violation stands whatever else is not known. */
export const WORST_FIRST: readonly Outcome[] = ['violated', 'inconclusive', 'held'];

/** The standard marks of one trial's timeline, in their usual order. */
export type MarkName =
  'requested' | 'effective' | 'detected' | 'decided' | 'acted' | 'restored' | 'capacity' | 'reverted';

/** One mark: an instant on both clocks, and the bracket that holds the true one. */
export interface Mark {
  readonly name: MarkName;
  readonly monoMs: number;
  readonly wallMs: number;
  /** Milliseconds that the true instant may lie before this one. */
  readonly beforeMs: number;
  /** Milliseconds that it may lie after this one. */
  readonly afterMs: number;
  /** Who saw it: `probe`, `watch`, `harness`, `healer`, `audit`, `api`, `supervisor`. */
  readonly seenBy: string;
  readonly detail?: string;
}

/** What one check says. */
export interface Finding {
  readonly check: string;
  readonly outcome: Outcome;
  /** One sentence with the number and the bound. */
  readonly reason: string;
  readonly claimId?: string;
  readonly sloId?: string;
  /** Measured and allowed, in milliseconds or in the unit of the indicator, where there is one. */
  readonly measured?: number;
  readonly allowed?: number;
  readonly unit?: string;
}

/**
 * A duration, and the bracket that holds the true one. It ends later than it begins early: a partial outage may go on
 * unseen after its last failure.
 */
export interface Measured {
  readonly kind: 'measured';
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
}

/** A duration that was measured, or the fact that its end never came within the time watched. */
export type Duration =
  | Measured
  | { readonly kind: 'no-impact' }
  | { readonly kind: 'censored'; readonly atLeastMs: number }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The file `verdict.json` of one trial. */
export interface Verdict {
  readonly schema: 2;
  readonly trialId: string;
  readonly runId: string;
  readonly scenario: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly expected: Outcome;
  readonly asExpected: boolean;
  /** The reason of the deciding finding. */
  readonly reason: string;
  readonly marks: readonly Mark[];
  /** restored - effective, by the probe. */
  readonly recovery: Duration;
  /** capacity - effective, by the watch. */
  readonly capacity: Duration;
  readonly requests: { readonly total: number; readonly failed: number };
  readonly findings: readonly Finding[];
  /** The seed of the trial, made of the run's. */
  readonly seed: number;
  /** The seed of the run, by which `--seed` repeats it; absent for a journal that does not tell it. */
  readonly runSeed?: number;
  readonly control: boolean;
  readonly targets: readonly import('./faults/fault.ts').ResolvedTarget[];
  readonly cluster: {
    readonly name: string;
    readonly provider: string;
    readonly kubernetesVersion: string;
    readonly uid: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly digests: Readonly<Record<string, string>>;
  /**
   * The digest in the last line of the journal that was judged: no other journal has it. Absent for a journal of schema 1
   * and for one that is damaged.
   */
  readonly journalDigest?: string;
  /** Deviations from the defaults of production, one line each. */
  readonly deviations: readonly string[];
  /** The line that runs this trial again. */
  readonly again: string;
}
