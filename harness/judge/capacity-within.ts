import { formatDuration } from '../core/duration.ts';
import { measureCapacity } from '../core/recovery/measure.ts';
import { injectionOf } from '../core/recovery/trial-facts.ts';
import { claimFinding, type ClaimCheck } from './check.ts';
import { describeDuration } from './recovery-clocks.ts';

/** How long after the last moment that matters the watch may still be late. */
const GRACE_MS = 5_000;

/** All wanted replicas are Ready again within the time allowed, and stay so for `stableFor`, by the watch. */
export const checkCapacityWithin: ClaimCheck = (facts, claim, nowMonoMs) => {
  const injection = injectionOf(facts, claim.injectionId) ?? facts.injections[0];
  const { withinMs } = claim;
  const over = facts.ended !== undefined || nowMonoMs === Number.POSITIVE_INFINITY;
  if (injection === undefined)
    return claimFinding(claim, 'inconclusive', 'no fault was injected to recover from');
  if (withinMs === undefined) return claimFinding(claim, 'inconclusive', 'the claim has no time limit');
  const { kind } = injection.fault;
  if (injection.effective === undefined) {
    if (!over && injection.ineffective === undefined) return undefined;
    return claimFinding(claim, 'inconclusive', `${kind} was not shown to take effect`);
  }

  const { duration, settled } = measureCapacity(facts, injection, claim.stableForMs, withinMs);
  const allowed = `allowed ${formatDuration(withinMs)}`;
  if (duration.kind === 'censored' && duration.atLeastMs > withinMs + GRACE_MS) {
    const reason = `replicas were still missing ${formatDuration(duration.atLeastMs)} after ${kind} took effect; ${allowed}`;
    return claimFinding(claim, 'violated', reason, { allowed: withinMs, unit: 'ms' });
  }
  const dueMonoMs = injection.effective.effectiveMonoMs + withinMs + claim.stableForMs + GRACE_MS;
  if (!settled && !over && nowMonoMs < dueMonoMs) return undefined;

  switch (duration.kind) {
    case 'measured': {
      const figures = { measured: duration.ms, allowed: withinMs, unit: 'ms' };
      const text = `all replicas were Ready again ${describeDuration(duration)} after ${kind} took effect; ${allowed}`;
      if (duration.ms + duration.errorMs <= withinMs) return claimFinding(claim, 'held', text, figures);
      if (duration.ms - duration.errorMs > withinMs) return claimFinding(claim, 'violated', text, figures);
      return claimFinding(claim, 'inconclusive', `too close to call: ${text}`, figures);
    }
    case 'no-impact':
      return facts.lastMonoMs >= injection.effective.effectiveMonoMs + withinMs
        ? claimFinding(claim, 'held', `no replica was lost within ${formatDuration(withinMs)} of ${kind}`)
        : claimFinding(claim, 'inconclusive', 'the trial ended before the time allowed was over');
    case 'censored':
    case 'unknown':
      return claimFinding(
        claim,
        'inconclusive',
        `capacity could not be measured: ${describeDuration(duration)}`,
      );
  }
};
