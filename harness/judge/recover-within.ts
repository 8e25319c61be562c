import { formatDuration } from '../core/duration.ts';
import type { Bracket } from '../core/slo/bracket.ts';
import { heardUntil, type InjectionFacts, type TrialFacts } from '../core/recovery/trial-facts.ts';
import { decided, doubtful, heldUnhurt, type Claim, type ClaimCheck, type Decision } from './check.ts';
import { injectionFor, isOver } from './claim-time.ts';
import { promEvidence } from './prom-evidence.ts';
import {
  describeBracket,
  describeDuration,
  disagreement,
  probeClock,
  promClock,
  type ClockAnswer,
} from './recovery-clocks.ts';
import { endOfFault, saysEnd } from './undone.ts';
import { largest } from '../core/extremes.ts';

/** How long after the last moment that matters an observer may still be late with what it saw. */
const GRACE_MS = 10_000;
/** So many shorter limits are tried at most before one is said to be missed. */
const SHORTER_LIMITS = 40;

/**
 * Users are inside the bound again within the time allowed and stay there for `stableFor`, by every clock that the
 * claim names. The clocks have to agree; the limit has to lie outside of what they leave open.
 */
export const checkRecoverWithin: ClaimCheck = (facts, claim, nowMonoMs) => {
  const injection = injectionFor(facts, claim);
  const { withinMs } = claim;
  const over = isOver(facts, nowMonoMs);
  if (injection === undefined) return doubtful('no fault was injected to recover from');
  if (withinMs === undefined) return doubtful('the claim has no time limit');
  if (injection.effective === undefined) {
    if (!over && injection.ineffective === undefined) return undefined;
    return doubtful(`${injection.fault.kind} was not shown to take effect`);
  }

  const clocks = clocksOf(facts, claim, injection, withinMs);
  const isTooLate = clocks.every((clock) => clock.lowMs > withinMs);
  if (!isTooLate && !over && clocks.some((clock) => clock.state === 'open')) return undefined;
  const decision = isTooLate ? tooLate(injection, clocks, withinMs) : decide(injection, clocks, withinMs);
  return decision.outcome === 'violated'
    ? (restoredBefore(facts, claim, injection, withinMs) ?? decision)
    : decision;
};

/** By then every clock has told what it will, or is silent for good. */
export function recoverHearsUntil(facts: TrialFacts, claim: Claim): number {
  const effective = injectionFor(facts, claim)?.effective;
  if (effective === undefined) return Number.POSITIVE_INFINITY;
  const forMs = (claim.withinMs ?? 0) + claim.stableForMs + reachMs(facts, claim);
  return effective.effectiveMonoMs + forMs + GRACE_MS;
}

function decide(injection: InjectionFacts, clocks: readonly ClockAnswer[], withinMs: number): Decision {
  const figures = { ...measuredOf(clocks), allowed: withinMs, unit: 'ms' };
  const conflict = disagreement(clocks);
  if (conflict !== undefined) return doubtful(conflict, figures);

  const { lowMs, highMs } = bracketOf(clocks);
  if (lowMs > withinMs) return tooLate(injection, clocks, withinMs);

  const silent = clocks.filter((clock) => clock.state !== 'settled');
  if (silent.length > 0) {
    const reasons = silent.map((clock) => `${clock.clock}: ${clock.reason}`).join('; ');
    return doubtful(`recovery could not be measured: ${reasons}`, figures);
  }
  if (highMs > withinMs) {
    const [{ duration } = {}] = clocks;
    const span =
      duration?.kind === 'measured' ? describeDuration(duration) : describeBracket({ lowMs, highMs });
    const reason = `too close to call: recovery took ${span}, and ${formatDuration(withinMs)} were allowed`;
    return doubtful(reason, figures);
  }
  const said = inTime(injection, clocks, withinMs);
  if (!clocks.some(({ impact }) => impact)) return heldUnhurt(said, [], injection, figures);
  const end = endOfFault(injection, highMs, originOf(clocks));
  if (end === 'undone') return doubtful(`${said}; ${saysEnd(injection, end)}`, figures);
  // Every sample of a clock says for itself that the clock was looking: the decision rests on nobody's silence.
  return decided('held', end === undefined ? said : `${said}; ${saysEnd(injection, end)}`, [], figures);
}

/**
 * With a shorter limit the same users would have been restored in time: they were, stayed for `stableFor`, and left the
 * bound again. No limit may make a verdict worse by being longer, so neither of the two is said.
 */
function restoredBefore(
  facts: TrialFacts,
  claim: Claim,
  injection: InjectionFacts,
  withinMs: number,
): Decision | undefined {
  const near = heardUntil(facts, recoverHearsUntil(facts, claim), Number.POSITIVE_INFINITY);
  // A run of inside lasts for stableFor at least, so that none is stepped over.
  const stepMs = Math.max(claim.stableForMs / 2, withinMs / SHORTER_LIMITS);
  for (let soonerMs = stepMs; soonerMs < withinMs; soonerMs += stepMs) {
    const clocks = clocksOf(near, claim, injection, soonerMs);
    const wereSpared = clocks[0]?.state === 'settled' && !clocks[0].impact;
    if (wereSpared || bracketOf(clocks).lowMs > soonerMs) continue;
    const { kind } = injection.fault;
    const sooner = decide(injection, clocks, soonerMs);
    if (sooner.outcome !== 'held') {
      const unless = `it is not known whether they would have been within ${formatDuration(soonerMs)}`;
      return doubtful(
        `users were not restored within ${formatDuration(withinMs)} of ${kind}, and ${unless}: ${sooner.reason}`,
      );
    }
    const inside = `users were inside the bound within ${formatDuration(soonerMs)} of ${kind} and stayed there for ${formatDuration(claim.stableForMs)}`;
    const again = `and were outside of it again when the ${formatDuration(withinMs)} allowed were over`;
    return doubtful(`${inside}, ${again}`);
  }
  return undefined;
}

/** What every clock that the claim names says when it watches for so long. */
export function clocksOf(
  facts: TrialFacts,
  claim: Claim,
  injection: InjectionFacts,
  withinMs: number,
): ClockAnswer[] {
  const judgedBy = claim.judgedBy ?? 'probe-and-promql';
  const probe = judgedBy === 'promql' ? undefined : probeClock(facts, claim, injection, withinMs);
  const prom =
    judgedBy === 'probe' ? undefined : promClock(facts, claim, injection, withinMs, probe?.originMonoMs);
  return [probe, prom].filter((clock) => clock !== undefined);
}

function reachMs(facts: TrialFacts, claim: Claim): number {
  if (claim.judgedBy === 'probe') return 0;
  const evidence = promEvidence(facts, claim);
  return evidence === undefined ? 0 : evidence.windowMs + 2 * evidence.scrapeIntervalMs;
}

/** The probe's where the claim names it: that one is printed, and what nobody can say of it no other clock decides. */
function bracketOf([first]: readonly ClockAnswer[]): Bracket {
  return first ?? { lowMs: 0, highMs: Number.POSITIVE_INFINITY };
}

function measuredOf(clocks: readonly ClockAnswer[]): { measured?: number } {
  for (const { duration, state, highMs } of clocks) {
    if (duration?.kind === 'measured') return { measured: duration.ms };
    if (duration?.kind === 'no-impact') return { measured: 0 };
    if (duration === undefined && state === 'settled') return { measured: highMs };
  }
  return {};
}

function originOf(clocks: readonly ClockAnswer[]): number | undefined {
  return clocks.find(({ originMonoMs }) => originMonoMs !== undefined)?.originMonoMs;
}

function inTime(injection: InjectionFacts, clocks: readonly ClockAnswer[], withinMs: number): string {
  const said = clocks.map((clock) => `${clock.reason} (${clock.clock})`).join(', ');
  const relapse = clocks.find((clock) => clock.relapse !== undefined)?.relapse;
  const again =
    relapse === undefined
      ? ''
      : `; users left the bound again ${formatDuration(relapse.monoMs - (injection.effective?.effectiveMonoMs ?? 0))} after the fault`;
  return `restored after ${injection.fault.kind}: ${said}; allowed ${formatDuration(withinMs)}${lateProof(injection, clocks)}${again}`;
}

function tooLate(injection: InjectionFacts, clocks: readonly ClockAnswer[], withinMs: number): Decision {
  const figures = { ...measuredOf(clocks), allowed: withinMs, unit: 'ms' };
  return decided('violated', describeTooLate(injection, clocks, withinMs), [], figures);
}

function describeTooLate(
  injection: InjectionFacts,
  clocks: readonly ClockAnswer[],
  withinMs: number,
): string {
  const [first] = clocks;
  const allowed = `allowed ${formatDuration(withinMs)}${lateProof(injection, clocks)}`;
  const { kind } = injection.fault;
  if (first?.duration?.kind === 'measured') {
    return `users were restored ${describeDuration(first.duration)} after ${kind} took effect; ${allowed}`;
  }
  if (first?.duration?.kind === 'censored') {
    return `users were not recovered within ${formatDuration(first.duration.atLeastMs)} of ${kind} taking effect; ${allowed}`;
  }
  const lowMs = largest(clocks.map((clock) => clock.lowMs));
  return `users were not recovered ${formatDuration(lowMs)} after ${kind} took effect; ${allowed}`;
}

/** Said where the time is not counted from the proof of the effect. */
function lateProof({ effective }: InjectionFacts, clocks: readonly ClockAnswer[]): string {
  const originMonoMs = originOf(clocks);
  if (effective === undefined || originMonoMs === undefined) return '';
  const lateMs = effective.effectiveMonoMs - originMonoMs;
  return `; counted from the first failure, ${formatDuration(lateMs)} before the effect was proven`;
}
