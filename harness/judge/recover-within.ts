import { formatDuration } from '../core/duration.ts';
import { injectionOf, type InjectionFacts, type TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Finding } from '../core/verdict.ts';
import { claimFinding, type Claim, type ClaimCheck } from './check.ts';
import { promEvidence } from './prom-evidence.ts';
import { disagreement, probeClock, promClock, type ClockAnswer } from './recovery-clocks.ts';
import { largest, smallest } from '../core/extremes.ts';

/** How long after the last moment that matters an observer may still be late with what it saw. */
const GRACE_MS = 10_000;

/**
 * Users are inside the bound again within the time allowed and stay there for `stableFor`, by every clock that the
 * claim names. The clocks have to agree; the limit has to lie outside of what they leave open.
 */
export const checkRecoverWithin: ClaimCheck = (facts, claim, nowMonoMs) => {
  const injection = injectionOf(facts, claim.injectionId) ?? facts.injections[0];
  const { withinMs } = claim;
  const over = facts.ended !== undefined || nowMonoMs === Number.POSITIVE_INFINITY;
  if (injection === undefined)
    return claimFinding(claim, 'inconclusive', 'no fault was injected to recover from');
  if (withinMs === undefined) return claimFinding(claim, 'inconclusive', 'the claim has no time limit');
  if (injection.effective === undefined) {
    if (!over && injection.ineffective === undefined) return undefined;
    return claimFinding(claim, 'inconclusive', `${injection.fault.kind} was not shown to take effect`);
  }

  const clocks = clocksOf(facts, claim, injection, withinMs);
  const allowed = { allowed: withinMs, unit: 'ms' };
  if (clocks.every((clock) => clock.lowMs > withinMs)) {
    return claimFinding(claim, 'violated', tooLate(injection, clocks, withinMs), {
      ...measuredOf(clocks),
      ...allowed,
    });
  }
  const dueMonoMs =
    injection.effective.effectiveMonoMs + withinMs + claim.stableForMs + reachMs(facts, claim);
  if (!over && nowMonoMs < dueMonoMs + GRACE_MS && clocks.some((clock) => clock.state === 'open'))
    return undefined;
  return decide(claim, injection, clocks, withinMs);
};

function decide(
  claim: Claim,
  injection: InjectionFacts,
  clocks: readonly ClockAnswer[],
  withinMs: number,
): Finding {
  const figures = { ...measuredOf(clocks), allowed: withinMs, unit: 'ms' };
  const conflict = disagreement(clocks);
  if (conflict !== undefined) return claimFinding(claim, 'inconclusive', conflict, figures);

  const lowMs = largest(clocks.map((clock) => clock.lowMs));
  const highMs = smallest(clocks.map((clock) => clock.highMs));
  if (lowMs > withinMs) return claimFinding(claim, 'violated', tooLate(injection, clocks, withinMs), figures);

  const silent = clocks.filter((clock) => clock.state !== 'settled');
  if (silent.length > 0) {
    const reasons = silent.map((clock) => `${clock.clock}: ${clock.reason}`).join('; ');
    return claimFinding(claim, 'inconclusive', `recovery could not be measured: ${reasons}`, figures);
  }
  if (highMs > withinMs) {
    const span = `between ${formatDuration(lowMs)} and ${formatDuration(highMs)}`;
    const reason = `too close to call: recovery took ${span}, and ${formatDuration(withinMs)} were allowed`;
    return claimFinding(claim, 'inconclusive', reason, figures);
  }
  return claimFinding(claim, 'held', inTime(injection, clocks, withinMs), figures);
}

function clocksOf(
  facts: TrialFacts,
  claim: Claim,
  injection: InjectionFacts,
  withinMs: number,
): ClockAnswer[] {
  const judgedBy = claim.judgedBy ?? 'probe-and-promql';
  const clocks: ClockAnswer[] = [];
  if (judgedBy !== 'promql') clocks.push(probeClock(facts, claim, injection, withinMs));
  if (judgedBy !== 'probe') clocks.push(promClock(facts, claim, injection, withinMs));
  return clocks;
}

function reachMs(facts: TrialFacts, claim: Claim): number {
  if (claim.judgedBy === 'probe') return 0;
  const evidence = promEvidence(facts, claim.sloId);
  return evidence === undefined ? 0 : evidence.windowMs + 2 * evidence.scrapeIntervalMs;
}

function measuredOf(clocks: readonly ClockAnswer[]): { measured?: number } {
  for (const { duration, state, highMs } of clocks) {
    if (duration?.kind === 'measured') return { measured: duration.ms };
    if (duration?.kind === 'no-impact') return { measured: 0 };
    if (duration === undefined && state === 'settled') return { measured: highMs };
  }
  return {};
}

function inTime(injection: InjectionFacts, clocks: readonly ClockAnswer[], withinMs: number): string {
  const said = clocks.map((clock) => `${clock.reason} (${clock.clock})`).join(', ');
  const relapse = clocks.find((clock) => clock.relapse !== undefined)?.relapse;
  const again =
    relapse === undefined
      ? ''
      : `; users left the bound again ${formatDuration(relapse.monoMs - (injection.effective?.effectiveMonoMs ?? 0))} after the fault`;
  return `restored after ${injection.fault.kind}: ${said}; allowed ${formatDuration(withinMs)}${again}`;
}

function tooLate(injection: InjectionFacts, clocks: readonly ClockAnswer[], withinMs: number): string {
  const [first] = clocks;
  const allowed = `allowed ${formatDuration(withinMs)}`;
  const { kind } = injection.fault;
  if (first?.duration?.kind === 'measured') {
    return `users were restored ${describeMeasured(first)} after ${kind} took effect; ${allowed}`;
  }
  if (first?.duration?.kind === 'censored') {
    return `users were not recovered within ${formatDuration(first.duration.atLeastMs)} of ${kind} taking effect; ${allowed}`;
  }
  const lowMs = largest(clocks.map((clock) => clock.lowMs));
  return `users were not recovered ${formatDuration(lowMs)} after ${kind} took effect; ${allowed}`;
}

function describeMeasured(clock: ClockAnswer): string {
  return clock.duration?.kind === 'measured' ? formatDuration(clock.duration.ms) : '';
}
