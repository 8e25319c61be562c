import { isMissing } from '../core/recovery/capacity.ts';
import { formatDuration } from '../core/duration.ts';
import { capacityErrorMs, lastCapacity, measureCapacity } from '../core/recovery/measure.ts';
import { BLINDNESS_TOLD_WITHIN_MS } from '../core/recovery/sight.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import { decided, doubtful, heldUnhurt, type Claim, type ClaimCheck } from './check.ts';
import { injectionFor, isOver, knownUntil } from './claim-time.ts';
import { describeDuration } from './recovery-clocks.ts';

/** All wanted replicas are Ready again within the time allowed, and stay so for `stableFor`, by the watch. */
export const checkCapacityWithin: ClaimCheck = (facts, claim, nowMonoMs) => {
  const injection = injectionFor(facts, claim);
  const { withinMs } = claim;
  const over = isOver(facts, nowMonoMs);
  if (injection === undefined) return doubtful('no fault was injected to recover from');
  if (withinMs === undefined) return doubtful('the claim has no time limit');
  const { effective, requestedMonoMs } = injection;
  const { kind } = injection.fault;
  if (effective === undefined) {
    if (!over && injection.ineffective === undefined) return undefined;
    return doubtful(`${kind} was not shown to take effect`);
  }

  const sight = (toMonoMs: number) => [{ observer: 'watch:Pod', fromMonoMs: requestedMonoMs, toMonoMs }];
  const figures = { allowed: withinMs, unit: 'ms' };
  const allowed = `allowed ${formatDuration(withinMs)}`;
  const { duration, settled, capacityMonoMs, stableUntilMonoMs } = measureCapacity(
    facts,
    injection,
    claim.stableForMs,
    withinMs,
  );
  const again = `all replicas were Ready again ${describeDuration(duration)} after ${kind} took effect; ${allowed}`;
  const limitMs = effective.effectiveMonoMs + withinMs + capacityErrorMs(facts, injection);
  const known = knownUntil(facts, nowMonoMs);
  const wasComplete = !wereMissing(facts, requestedMonoMs);
  if (wasComplete && known >= limitMs && wereMissing(facts, limitMs)) {
    const missing = `replicas were still missing ${formatDuration(facts.lastMonoMs - effective.effectiveMonoMs)} after ${kind} took effect; ${allowed}`;
    return duration.kind === 'measured'
      ? decided('violated', again, sight(limitMs), { measured: duration.ms, ...figures })
      : decided('violated', missing, sight(limitMs), figures);
  }
  if (!settled && !over) return undefined;

  switch (duration.kind) {
    case 'measured': {
      const measured = { measured: duration.ms, ...figures };
      if (duration.highMs <= withinMs)
        return decided('held', again, sight(stableUntilMonoMs ?? limitMs), measured);
      if (duration.lowMs > withinMs)
        return decided('violated', again, sight(capacityMonoMs ?? limitMs), measured);
      return doubtful(`too close to call: ${again}`, measured);
    }
    case 'no-impact': {
      const toMs = effective.effectiveMonoMs + withinMs;
      return known >= toMs
        ? heldUnhurt(
            `no replica was lost within ${formatDuration(withinMs)} of ${kind}`,
            sight(toMs),
            injection,
          )
        : doubtful('the trial ended before the time allowed was over');
    }
    case 'censored':
    case 'unknown':
      return doubtful(`capacity could not be measured: ${describeDuration(duration)}`);
  }
};

/** By then replicas that are back stay for long enough, and a watch that is blind has told so. */
export function capacityHearsUntil(facts: TrialFacts, claim: Claim): number {
  const effective = injectionFor(facts, claim)?.effective;
  if (effective === undefined) return Number.POSITIVE_INFINITY;
  return effective.effectiveMonoMs + (claim.withinMs ?? 0) + claim.stableForMs + BLINDNESS_TOLD_WITHIN_MS;
}

function wereMissing(facts: TrialFacts, monoMs: number): boolean {
  const last = lastCapacity(facts, monoMs);
  return last === undefined || isMissing(last);
}
