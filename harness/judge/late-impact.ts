import { formatDuration } from '../core/duration.ts';
import type { InjectionFacts, TrialFacts } from '../core/recovery/trial-facts.ts';
import { inconclusive, type Check } from './check.ts';
import { injectionFor } from './claim-time.ts';
import { clocksOf } from './recover-within.ts';

/**
 * Users who were well for the time of the claim and were hit later, while the same fault lasted, were not spared: a
 * longer limit would have seen it. The claim is decided by then; the trial is not.
 */
export const checkLateImpact: Check = {
  name: 'late-impact',
  run: (facts) =>
    facts.claims.flatMap((claim) => {
      const injection = injectionFor(facts, claim);
      const effectiveMonoMs = injection?.effective?.effectiveMonoMs;
      const { withinMs } = claim;
      if (claim.claim !== 'recover-within' || effectiveMonoMs === undefined || !Number.isFinite(withinMs))
        return [];
      if (injection === undefined || withinMs === undefined) return [];
      if (clocksOf(facts, claim, injection, withinMs).some(({ impact }) => impact)) return [];
      const forMs = lastsUntil(facts, injection) - effectiveMonoMs;
      const hit = clocksOf(facts, claim, injection, forMs).find(({ impact }) => impact);
      if (hit === undefined) return [];
      const { impactMonoMs, clock } = hit;
      const when =
        impactMonoMs === undefined
          ? ''
          : ` ${formatDuration(impactMonoMs - effectiveMonoMs)} after it took effect,`;
      return [
        inconclusive(
          'late-impact',
          `${injection.fault.kind} hurt users only${when} later than the ${formatDuration(withinMs)} of the claim (${clock})`,
        ),
      ];
    }),
};

/** What users suffer from the next fault on is not put down to this one. */
function lastsUntil(facts: TrialFacts, { requestedMonoMs, reverted }: InjectionFacts): number {
  const next = facts.injections.find((other) => other.requestedMonoMs > requestedMonoMs);
  return Math.min(reverted?.monoMs ?? facts.lastMonoMs, next?.requestedMonoMs ?? facts.lastMonoMs);
}
