import type { EntryOf } from '../core/journal/journal.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Finding, Outcome } from '../core/verdict.ts';

export type Claim = EntryOf<'slo.claim'>;

/** A pure question to the journal of a trial; no findings: nothing to say. */
export interface Check {
  readonly name: string;
  readonly run: (facts: TrialFacts) => Finding[];
}

/**
 * Judges one claim as far as the journal goes; undefined: not decided yet. Once decided, more entries of the same
 * trial do not change the outcome. `nowMonoMs` is infinite when nothing more will come.
 */
export type ClaimCheck = (facts: TrialFacts, claim: Claim, nowMonoMs: number) => Finding | undefined;

/** The figures of a finding besides its reason. */
type Figures = Pick<Finding, 'measured' | 'allowed' | 'unit'>;

export function claimFinding(claim: Claim, outcome: Outcome, reason: string, figures: Figures = {}): Finding {
  return { check: claim.claim, outcome, reason, claimId: claim.claimId, sloId: claim.sloId, ...figures };
}

export function inconclusive(check: string, reason: string): Finding {
  return { check, outcome: 'inconclusive', reason };
}

export function held(check: string, reason: string): Finding {
  return { check, outcome: 'held', reason };
}

const RANK: Readonly<Record<Outcome, number>> = { violated: 2, inconclusive: 1, held: 0 };

/** The finding that outranks all others; the first of its rank. */
export function decisive(findings: readonly Finding[]): Finding | undefined {
  return findings.reduce<Finding | undefined>(
    (worst, finding) =>
      worst === undefined || RANK[finding.outcome] > RANK[worst.outcome] ? finding : worst,
    undefined,
  );
}
