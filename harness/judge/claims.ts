import { messageOf } from '../core/errors.ts';
import { entriesOf } from '../core/journal/journal.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Finding } from '../core/verdict.ts';
import { checkFireWithin, checkResolveWithin } from './alert-claims.ts';
import { checkCapacityWithin } from './capacity-within.ts';
import { claimFinding, type Claim, type ClaimCheck } from './check.ts';
import { checkFencedFirst } from './fenced-first.ts';
import { checkHoldWhile } from './hold-while.ts';
import { checkRecoverWithin } from './recover-within.ts';
import { checkStaySilent } from './stay-silent.ts';

/** A group of plain assertions: its failures are findings of their own, so it holds when the scenario got through. */
const checkAssertion: ClaimCheck = (facts, claim, nowMonoMs) => {
  const failed = entriesOf(facts.entries, 'assertion.failed')[0];
  if (failed !== undefined) return claimFinding(claim, 'violated', failed.message);
  if (facts.ended === undefined && nowMonoMs !== Number.POSITIVE_INFINITY) return undefined;
  return facts.ended?.how === 'finished'
    ? claimFinding(claim, 'held', 'the assertions of the scenario passed')
    : claimFinding(claim, 'inconclusive', 'the scenario did not get through its assertions');
};

const CHECKS: Readonly<Record<Claim['claim'], ClaimCheck>> = {
  'recover-within': checkRecoverWithin,
  'capacity-within': checkCapacityWithin,
  'hold-while': checkHoldWhile,
  'fire-within': checkFireWithin,
  'resolve-within': checkResolveWithin,
  'stay-silent': checkStaySilent,
  'fenced-first': checkFencedFirst,
  assertion: checkAssertion,
};

/** The finding of one claim, or undefined while it is open. A check that crashes is inconclusive. */
export function judgeClaim(
  facts: TrialFacts,
  claim: Claim,
  nowMonoMs: number,
  checks: Readonly<Record<Claim['claim'], ClaimCheck>> = CHECKS,
): Finding | undefined {
  if (!Object.hasOwn(checks, claim.claim))
    return claimFinding(claim, 'inconclusive', `nobody knows how to judge a claim "${claim.claim}"`);
  try {
    return checks[claim.claim](facts, claim, nowMonoMs);
  } catch (thrown) {
    return claimFinding(claim, 'inconclusive', `the check ${claim.claim} crashed: ${messageOf(thrown)}`);
  }
}
