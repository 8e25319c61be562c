import { messageOf } from '../core/errors.ts';
import { entriesOf } from '../core/journal/journal.ts';
import { given } from '../core/given.ts';
import { largest, smallest } from '../core/extremes.ts';
import { blindSpot, BLINDNESS_TOLD_WITHIN_MS } from '../core/recovery/sight.ts';
import { heardUntil, type TrialFacts } from '../core/recovery/trial-facts.ts';
import { numberOf } from '../core/slo/slo.ts';
import type { Finding } from '../core/verdict.ts';
import { checkFireWithin, checkResolveWithin } from './alert-claims.ts';
import { capacityHearsUntil, checkCapacityWithin } from './capacity-within.ts';
import { decided, doubtful, type Claim, type ClaimCheck, type Decision } from './check.ts';
import { claimStart, isOver } from './claim-time.ts';
import { checkFencedFirst } from './fenced-first.ts';
import { checkHoldWhile, holdHearsUntil } from './hold-while.ts';
import { saysOneWitness } from './one-witness.ts';
import { checkRecoverWithin, recoverHearsUntil } from './recover-within.ts';
import { hasSecondTrace } from './second-trace.ts';
import { starvation, starvationBefore } from './starvation.ts';
import { checkStaySilent, silenceHearsUntil } from './stay-silent.ts';

/** A group of plain assertions: its failures are findings of their own, so it holds when the scenario got through. */
const checkAssertion: ClaimCheck = (facts, _claim, nowMonoMs) => {
  const failed = entriesOf(facts.entries, 'assertion.failed')[0];
  if (failed !== undefined) return decided('violated', failed.message, []);
  if (!isOver(facts, nowMonoMs)) return undefined;
  return facts.ended?.how === 'finished'
    ? decided('held', 'the assertions of the scenario passed', [])
    : doubtful('the scenario did not get through its assertions');
};

/** One kind of claim. */
interface ClaimKind {
  readonly check: ClaimCheck;
  /**
   * When the run gives up waiting for what is still missing. Whatever arrives later is not heard by `analyze` either, so
   * that both decide on the same evidence. Absent: everything is heard.
   */
  readonly hearsUntil?: (facts: TrialFacts, claim: Claim) => number;
  /** It is about an order, or about what the scenario has seen: neither is a question of speed. */
  readonly isTimeless?: true;
}

const KINDS: Readonly<Record<Claim['claim'], ClaimKind>> = {
  'recover-within': { check: checkRecoverWithin, hearsUntil: recoverHearsUntil },
  'capacity-within': { check: checkCapacityWithin, hearsUntil: capacityHearsUntil },
  'hold-while': { check: checkHoldWhile, hearsUntil: holdHearsUntil },
  'fire-within': { check: checkFireWithin },
  'resolve-within': { check: checkResolveWithin },
  'stay-silent': { check: checkStaySilent, hearsUntil: silenceHearsUntil },
  'fenced-first': { check: checkFencedFirst, isTimeless: true },
  assertion: { check: checkAssertion, isTimeless: true },
};

/** The finding of one claim, or undefined while it is open. A check that crashes is inconclusive. */
export function judgeClaim(
  facts: TrialFacts,
  claim: Claim,
  nowMonoMs: number,
  kinds: Readonly<Record<Claim['claim'], ClaimKind>> = KINDS,
): Finding | undefined {
  const kind = Object.hasOwn(kinds, claim.claim) ? kinds[claim.claim] : undefined;
  const decision = decide(facts, claim, nowMonoMs, kind);
  if (decision === undefined) return undefined;
  const { outcome, measured, allowed, unit } = decision;
  const reason =
    outcome === 'inconclusive' ? decision.reason : decision.reason + saysOneWitness(facts, claim);
  const figures = given({ measured, allowed, unit });
  return { check: claim.claim, outcome, reason, claimId: claim.claimId, sloId: claim.sloId, ...figures };
}

function decide(
  facts: TrialFacts,
  claim: Claim,
  nowMonoMs: number,
  kind: ClaimKind | undefined,
): Decision | undefined {
  if (kind === undefined) return doubtful(`nobody knows how to judge a claim "${claim.claim}"`);
  const noNumber = whatIsNoNumber(claim);
  if (noNumber !== undefined) return doubtful(`the claim's ${noNumber} is no finite number`);
  try {
    const untilMs = kind.hearsUntil?.(facts, claim) ?? Number.POSITIVE_INFINITY;
    const heard = heardUntil(facts, untilMs, nowMonoMs);
    const now = nowMonoMs >= untilMs ? Number.POSITIVE_INFINITY : nowMonoMs;
    const decision = kind.check(heard, claim, now);
    const told = decision === undefined ? undefined : asTraced(heard, asSeen(heard, decision, now), now);
    const seen =
      told?.outcome === 'violated' && kind.isTimeless !== true
        ? unlessStarved(heard, claim, { ...told, outcome: 'violated' }, now)
        : told;
    if (seen === undefined || heard === facts) return seen;
    // What came later changes no outcome, but it may know the figure that was still open.
    const fuller = kind.check(facts, claim, Number.POSITIVE_INFINITY);
    return fuller?.outcome === seen.outcome && decision?.outcome === seen.outcome ? fuller : seen;
  } catch (thrown) {
    return doubtful(`the check ${claim.claim} crashed: ${messageOf(thrown)}`);
  }
}

/**
 * A decision stands only where every observer that it rests on was looking for all of the time. A violation is thrown
 * as soon as it is told, so it waits until blindness would have been told, too.
 */
function asSeen(facts: TrialFacts, decision: Decision, nowMonoMs: number): Decision | undefined {
  if (decision.outcome === 'inconclusive') return decision;
  for (const sight of decision.rests) {
    const blind = blindSpot(facts, sight);
    if (blind !== undefined)
      return { ...decision, outcome: 'inconclusive', reason: `${decision.reason}; but ${blind}` };
  }
  const toldMs = largest(decision.rests.map((sight) => sight.toMonoMs + BLINDNESS_TOLD_WITHIN_MS));
  const waits = decision.outcome === 'violated' && !isOver(facts, nowMonoMs) && nowMonoMs < toldMs;
  return waits ? undefined : decision;
}

/** Of a fault that nobody but its witness has seen it is not known that it hurt nobody: it may not have been there. */
function asTraced(
  facts: TrialFacts,
  decision: Decision | undefined,
  nowMonoMs: number,
): Decision | undefined {
  if (decision?.outcome !== 'held' || decision.spared === undefined) return decision;
  if (hasSecondTrace(facts, decision.spared)) return decision;
  if (!isOver(facts, nowMonoMs)) return undefined;
  const { reason, measured, allowed, unit } = decision;
  const { fault, effective } = decision.spared;
  const alone = `nothing but its witness ("${effective?.observer}") shows that ${fault.kind} was there`;
  return doubtful(`${reason}; but ${alone}`, given({ measured, allowed, unit }));
}

/**
 * Doubt about the instruments comes before a violation, of whatever claim: what came too late, or should not have come at all, may
 * have been for want of a processor. It waits until it is told how the machine was, and an excuse for what has broken so far until
 * nothing more can break.
 */
function unlessStarved(
  facts: TrialFacts,
  claim: Claim,
  decision: Decision & { readonly outcome: 'violated' },
  nowMonoMs: number,
): Decision | undefined {
  const start = claimStart(facts, claim);
  if (start.kind !== 'known') return decision;
  const { broken } = decision;
  const limitMs = start.monoMs + (claim.withinMs ?? Infinity);
  const neededMs = broken === undefined ? limitMs : smallest(broken.map(({ fromMonoMs }) => fromMonoMs));
  const last = entriesOf(facts.entries, 'host.pressure').at(-1);
  const isTold = last === undefined || last.monoMs >= neededMs || isOver(facts, nowMonoMs);
  if (!isTold && nowMonoMs < neededMs + BLINDNESS_TOLD_WITHIN_MS) return undefined;
  const why =
    broken === undefined
      ? starvation(facts, start.monoMs, limitMs)
      : starvationBefore(facts, start.monoMs, broken);
  if (why === undefined) return decision;
  if (broken !== undefined && !isOver(facts, nowMonoMs)) return undefined;
  return { ...decision, outcome: 'inconclusive', reason: `${decision.reason}; but ${why}` };
}

/** A limit of infinity is written as null, which is smaller than every number and inside of every bound. */
function whatIsNoNumber({ withinMs, stableForMs, bound }: Claim): string | undefined {
  if (withinMs !== undefined && !Number.isFinite(withinMs)) return 'limit';
  if (!Number.isFinite(stableForMs)) return '"stableFor"';
  return bound !== undefined && !Number.isFinite(numberOf(bound)) ? 'bound' : undefined;
}
