import type { EntryOf } from '../core/journal/journal.ts';
import type { Finding, Outcome } from '../core/verdict.ts';

/**
 * Why a trial did not end as it was meant to; undefined: it did. A control that has to be violated is so by the claim
 * that it names and by nothing else; where it names none, by a claim, unless the scenario makes plain assertions only.
 */
export function unmetExpectation(
  started: EntryOf<'trial.started'> | undefined,
  outcome: Outcome,
  findings: readonly Finding[],
): string | undefined {
  const { expected = 'held', expectedClaim } = started ?? {};
  if (outcome !== expected) return `it was expected to be ${expected}`;
  if (expected !== 'violated') return undefined;
  const violated = findings.filter((finding) => finding.outcome === 'violated');
  if (expectedClaim === undefined) {
    const claims = findings.filter(({ claimId }) => claimId !== undefined);
    return claims.length === 0 || violated.some(({ claimId }) => claimId !== undefined)
      ? undefined
      : 'a claim was expected to be violated, and what failed is an assertion';
  }
  const isNamed = ({ claimId, sloId, check }: Finding): boolean =>
    [claimId, sloId, check].includes(expectedClaim);
  return violated.every(isNamed) ? undefined : `only "${expectedClaim}" was expected to be violated`;
}
