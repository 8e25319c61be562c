import { entriesOf, type Entry, type EntryOf } from '../../harness/core/journal/journal.ts';
import { WORST_FIRST, type Finding, type Outcome, type Verdict } from '../../harness/core/verdict.ts';

/** A claim of the scenario with what the judge found about it, by every clock that judged it. */
interface ClaimResult {
  readonly claim: EntryOf<'slo.claim'>;
  readonly findings: readonly Finding[];
  /** The worst finding; inconclusive where no check spoke. */
  readonly outcome: Outcome;
}

function worstOf(outcomes: readonly Outcome[]): Outcome | undefined {
  return WORST_FIRST.find((outcome) => outcomes.includes(outcome));
}

export function claimResults(verdict: Verdict, entries: readonly Entry[]): ClaimResult[] {
  return entriesOf(entries, 'slo.claim').map((claim) => {
    const findings = verdict.findings.filter((finding) => finding.claimId === claim.claimId);
    return {
      claim,
      findings,
      outcome: worstOf(findings.map((finding) => finding.outcome)) ?? 'inconclusive',
    };
  });
}

/** A claim with a limit in time. */
export type LimitResult = ClaimResult & { readonly withinMs: number };

/** The strictest limit on users restored that the scenario claims, with how it came out. */
export function recoveryLimit(verdict: Verdict, entries: readonly Entry[]): LimitResult | undefined {
  return strictest(verdict, entries, 'recover-within');
}

/** The strictest limit on full capacity that the scenario claims, with how it came out. */
export function capacityLimit(verdict: Verdict, entries: readonly Entry[]): LimitResult | undefined {
  return strictest(verdict, entries, 'capacity-within');
}

function strictest(
  verdict: Verdict,
  entries: readonly Entry[],
  kind: EntryOf<'slo.claim'>['claim'],
): LimitResult | undefined {
  return claimResults(verdict, entries)
    .flatMap((result) =>
      result.claim.claim === kind && result.claim.withinMs !== undefined
        ? [{ ...result, withinMs: result.claim.withinMs }]
        : [],
    )
    .toSorted((left, right) => left.withinMs - right.withinMs)[0];
}
