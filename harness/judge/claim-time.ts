import { injectionOf, type InjectionFacts, type TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Claim } from './check.ts';

/** Where a claim's time begins: when its fault took effect, or when the claim was made. */
type ClaimStart =
  | { readonly kind: 'known'; readonly monoMs: number }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'never'; readonly reason: string };

export function claimStart(facts: TrialFacts, claim: Claim): ClaimStart {
  if (claim.injectionId === undefined) return { kind: 'known', monoMs: claim.monoMs };
  const injection = injectionOf(facts, claim.injectionId);
  if (injection?.effective !== undefined)
    return { kind: 'known', monoMs: injection.effective.effectiveMonoMs };
  if (injection !== undefined && injection.ineffective === undefined && facts.ended === undefined) {
    return { kind: 'waiting' };
  }
  const what = injection === undefined ? `fault ${claim.injectionId}` : injection.fault.kind;
  return { kind: 'never', reason: `${what} was not shown to take effect` };
}

/** The fault that the claim names; where it names none, the first one. */
export function injectionFor(facts: TrialFacts, claim: Claim): InjectionFacts | undefined {
  return claim.injectionId === undefined ? facts.injections[0] : injectionOf(facts, claim.injectionId);
}

/** Nothing more will come. */
export function isOver(facts: TrialFacts, nowMonoMs: number): boolean {
  return facts.ended !== undefined || nowMonoMs === Number.POSITIVE_INFINITY;
}

/** How far the journal may be trusted to be complete: the present, or its last entry once the trial is over. */
export function knownUntil(facts: TrialFacts, nowMonoMs: number): number {
  return isOver(facts, nowMonoMs) ? facts.lastMonoMs : nowMonoMs;
}
