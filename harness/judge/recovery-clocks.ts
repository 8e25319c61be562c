import { overlap, recoveryFromProm, type Bracket } from '../core/slo/bracket.ts';
import { formatBracket, formatDuration } from '../core/duration.ts';
import { measureUsers } from '../core/recovery/measure.ts';
import type { InjectionFacts, TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Duration } from '../core/verdict.ts';
import { goodShareOf, insideBound } from '../core/slo/slo.ts';
import { given } from '../core/given.ts';
import type { Claim } from './check.ts';
import { problemWithin, promEvidence, whyUnanswered } from './prom-evidence.ts';

/** What one clock says about a recovery: it took between `lowMs` and `highMs`, which is infinite while it is open. */
export interface ClockAnswer {
  readonly clock: 'probe' | 'PromQL';
  /** `settled`: final. `open`: more data can narrow it. `unknown`: no amount of data will tell. */
  readonly state: 'settled' | 'open' | 'unknown';
  readonly lowMs: number;
  readonly highMs: number;
  readonly reason: string;
  /** Users were seen outside of the bound. */
  readonly impact: boolean;
  readonly impactMonoMs?: number;
  readonly duration?: Duration;
  /** What the time is counted from, where that is not the effect of the fault. */
  readonly originMonoMs?: number;
  readonly relapse?: { readonly monoMs: number; readonly durationMs: number };
}

export function probeClock(
  facts: TrialFacts,
  claim: Claim,
  injection: InjectionFacts,
  withinMs: number,
): ClockAnswer {
  const minGoodShare = goodShareOf(claim.bound);
  if (minGoodShare === undefined) return says('probe', 'unknown', NO_SHARE);
  const answer = measureUsers(facts, injection, {
    minGoodShare,
    stableForMs: claim.stableForMs,
    watchForMs: withinMs,
  });
  const { duration, lowMs } = answer;
  const settledWithoutAnswer = answer.settled && duration.kind === 'unknown';
  return {
    clock: 'probe',
    state: settledWithoutAnswer ? 'unknown' : answer.settled ? 'settled' : 'open',
    lowMs,
    highMs: answer.highMs ?? Number.POSITIVE_INFINITY,
    reason: describeDuration(duration),
    impact: answer.impactMonoMs !== undefined,
    duration,
    ...given({
      relapse: answer.relapse,
      originMonoMs: answer.originMonoMs,
      impactMonoMs: answer.impactMonoMs,
    }),
  };
}

/** Why the probe does not judge an objective. */
export const NO_SHARE = 'its bound is no share of good requests, which is all that the probe counts';

export function promClock(
  facts: TrialFacts,
  claim: Claim,
  injection: InjectionFacts,
  withinMs: number,
  originMonoMs?: number,
): ClockAnswer {
  const { effective } = injection;
  const aheadMs = (effective?.effectiveMonoMs ?? 0) - (originMonoMs ?? effective?.effectiveMonoMs ?? 0);
  const originWallMs = (effective?.effectiveWallMs ?? Number.NaN) - aheadMs;
  const evidence = promEvidence(facts, claim);
  if (evidence === undefined) return says('PromQL', 'open', whyUnanswered(facts, claim));
  const { bound } = claim;
  if (bound === undefined) return says('PromQL', 'unknown', 'the claim has no bound');
  const early = evidence.points.find(
    ([wallMs, value]) =>
      wallMs > injection.requestedWallMs &&
      wallMs <= originWallMs &&
      value !== null &&
      !insideBound(value, bound),
  );
  if (early !== undefined)
    return says('PromQL', 'unknown', 'the query left its bound before the fault was shown to take effect');

  const answer = recoveryFromProm(evidence.points, {
    effectiveWallMs: originWallMs,
    bound,
    stableForMs: claim.stableForMs,
    windowMs: evidence.windowMs,
    scrapeIntervalMs: evidence.scrapeIntervalMs,
    // What happens just before the limit shows with the next scrape.
    watchUntilWallMs: originWallMs + withinMs + evidence.scrapeIntervalMs,
  });
  const lastWallMs = evidence.points.at(-1)?.[0] ?? originWallMs;
  const untilWallMs = 'stableUntilWallMs' in answer ? answer.stableUntilWallMs : lastWallMs;
  const problem = problemWithin(
    evidence,
    originWallMs - evidence.windowMs,
    Math.max(untilWallMs, originWallMs),
  );
  if (problem !== undefined) {
    const lowMs = answer.kind === 'open' ? answer.lowMs : 'bracket' in answer ? answer.bracket.lowMs : 0;
    // A query that has no answer yet may have one soon: only a trial that is over makes it final.
    return { ...says('PromQL', 'open', `${problem.name}: ${problem.message}`), lowMs };
  }
  switch (answer.kind) {
    case 'restored':
    case 'no-impact': {
      const impact = answer.kind === 'restored';
      return { ...says('PromQL', 'settled', describeBracket(answer.bracket)), ...answer.bracket, impact };
    }
    case 'open':
      return { ...says('PromQL', 'open', answer.reason), lowMs: answer.lowMs, impact: answer.lowMs > 0 };
    case 'unknown':
      return says('PromQL', 'open', answer.reason);
  }
}

/** Undefined when all clocks can be right at once; otherwise a sentence that says which one is off, and how far. */
export function disagreement(clocks: readonly ClockAnswer[]): string | undefined {
  const [probe, prom] = clocks;
  if (probe === undefined || prom === undefined) return undefined;
  if (overlap(probe, prom) !== undefined) return undefined;
  const early = prom.highMs < probe.lowMs;
  const offMs = early ? probe.lowMs - prom.highMs : prom.lowMs - probe.highMs;
  return (
    `the clocks disagree: users were restored ${describeBracket(probe)} after the fault by the ${probe.clock}, ` +
    `${describeBracket(prom)} by ${prom.clock}, which is ${formatDuration(offMs)} too ${early ? 'early' : 'late'}`
  );
}

export function describeBracket(bracket: Bracket): string {
  if (bracket.highMs === Number.POSITIVE_INFINITY) return `later than ${formatDuration(bracket.lowMs)}`;
  return `between ${formatDuration(bracket.lowMs)} and ${formatDuration(bracket.highMs)}`;
}

export function describeDuration(duration: Duration): string {
  switch (duration.kind) {
    case 'measured':
      return formatBracket(duration.ms, duration.lowMs, duration.highMs);
    case 'no-impact':
      return 'no user impact';
    case 'censored':
      return `not recovered within ${formatDuration(duration.atLeastMs)}`;
    case 'unknown':
      return duration.reason;
  }
}

function says(clock: ClockAnswer['clock'], state: ClockAnswer['state'], reason: string): ClockAnswer {
  return { clock, state, lowMs: 0, highMs: Number.POSITIVE_INFINITY, reason, impact: false };
}
