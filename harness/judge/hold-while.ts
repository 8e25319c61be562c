import { promWidthMs, type PromPoint } from '../core/slo/bracket.ts';
import { formatDuration } from '../core/duration.ts';
import { SLI_WINDOW_MS } from '../core/recovery/probe-windows.ts';
import { describeBound, goodShareOf, insideBound } from '../core/slo/slo.ts';
import { watchSpan } from '../core/recovery/watch-span.ts';
import { injectionOf, wallOf, type TrialFacts } from '../core/recovery/trial-facts.ts';
import {
  brokenBy,
  doubtful,
  heldUnhurt,
  type Broken,
  type Claim,
  type ClaimCheck,
  type Stretch,
} from './check.ts';
import { claimStart, isOver } from './claim-time.ts';
import { problemWithin, promEvidence, whyUnanswered } from './prom-evidence.ts';
import { NO_SHARE } from './recovery-clocks.ts';
import { largest } from '../core/extremes.ts';

/** How long after the end of the span an observer may still be late with what it saw. */
const GRACE_MS = 10_000;

/** What one clock says about the span: when it was outside, or why it cannot tell (yet). */
interface Watched {
  readonly clock: 'probe' | 'PromQL';
  readonly outside?: readonly Broken[];
  readonly detail: string;
  /** `straddling`: it left its bound, within the fault's time or after it, which it cannot tell apart. */
  readonly state: 'complete' | 'open' | 'unknown' | 'straddling';
}

/**
 * The objective stays inside its bound for as long as the fault lasts: from effective for the time claimed, else for
 * the fault's own duration, else until it is reverted or the scenario ends. What happens at the end of that time is seen
 * later: by the probe within its second, by PromQL within the range of its query and a scrape.
 */
export const checkHoldWhile: ClaimCheck = (facts, claim, nowMonoMs) => {
  const start = claimStart(facts, claim);
  if (start.kind === 'never') return doubtful(start.reason);
  if (start.kind === 'waiting') return undefined;
  const over = isOver(facts, nowMonoMs);
  const span = { fromMonoMs: start.monoMs, toMonoMs: spanEnd(facts, claim, start.monoMs) };
  const { judgedBy } = claim;
  const probe = judgedBy === 'promql' ? undefined : watchProbe(facts, claim, span, over);
  const prom = judgedBy === 'probe' ? undefined : withProbe(watchProm(facts, claim, span), probe);
  const clocks = [probe, prom].filter((clock) => clock !== undefined);

  const outside = clocks.filter((clock) => clock.outside !== undefined);
  // With both clocks outside nothing that follows can change the outcome.
  if (!over && clocks.some((clock) => clock.state === 'open') && outside.length < clocks.length)
    return undefined;
  const widthMs = promWidth(facts, claim);
  if (probe?.outside !== undefined && prom?.state === 'complete' && prom.outside === undefined) {
    const outsideMs = largest(probe.outside.map(({ fromMonoMs, toMonoMs }) => toMonoMs - fromMonoMs));
    if (outsideMs > widthMs) {
      return doubtful(
        `the clocks disagree: users were outside the bound for ${formatDuration(outsideMs)} by the probe, ` +
          `and PromQL, which would show more than ${formatDuration(widthMs)}, saw nothing`,
      );
    }
  }
  if (outside.length > 0) {
    const reason = outside.map((clock) => `${clock.detail} (${clock.clock})`).join(', ');
    return brokenBy(
      reason,
      outside.flatMap((clock) => clock.outside ?? []),
    );
  }
  const silent = clocks.filter((clock) => clock.state !== 'complete');
  if (silent.length > 0) return doubtful(silent.map((clock) => `${clock.clock}: ${clock.detail}`).join('; '));
  const bound = claim.bound === undefined ? '' : ` ${describeBound(claim.bound)}`;
  // Every sample of a clock says for itself that the clock was looking: the decision rests on nobody's silence.
  const stayed = `stayed${bound} for ${formatDuration(span.toMonoMs - span.fromMonoMs)}`;
  return heldUnhurt(stayed, [], injectionOf(facts, claim.injectionId));
};

/** By then every clock has told what it will, or is silent for good. */
export function holdHearsUntil(facts: TrialFacts, claim: Claim): number {
  const start = claimStart(facts, claim);
  if (start.kind !== 'known') return Number.POSITIVE_INFINITY;
  const evidence = promEvidence(facts, claim);
  const reachMs = evidence === undefined ? 0 : evidence.windowMs + evidence.scrapeIntervalMs;
  return spanEnd(facts, claim, start.monoMs) + SLI_WINDOW_MS + reachMs + GRACE_MS;
}

function watchProbe(facts: TrialFacts, claim: Claim, span: Stretch, over: boolean): Watched {
  const minGoodShare = goodShareOf(claim.bound);
  if (minGoodShare === undefined) return { clock: 'probe', state: 'unknown', detail: NO_SHARE };
  const toMonoMs = Math.min(span.toMonoMs, facts.lastMonoMs);
  const answers = facts.traces.map((trace) => watchSpan(trace, { ...span, toMonoMs, minGoodShare }));
  if (answers.length === 0) return { clock: 'probe', state: 'open', detail: 'the probe sent no request' };
  const bad = answers.flatMap((answer) => answer.bad);
  const hole = answers.find((answer) => answer.hole !== undefined)?.hole;
  const isWatched =
    facts.lastMonoMs >= span.toMonoMs &&
    answers.every(({ reached, complete }) => (over ? reached : complete));
  const state = !isWatched ? 'open' : hole !== undefined ? 'unknown' : 'complete';
  const [first] = bad;
  if (first === undefined) {
    return { clock: 'probe', state, detail: hole ?? 'not watched to the end of the fault' };
  }
  const when = formatDuration(first.fromMonoMs - span.fromMonoMs);
  return {
    clock: 'probe',
    state,
    outside: bad,
    detail: `users left the bound ${when} after the fault took effect`,
  };
}

function watchProm(facts: TrialFacts, claim: Claim, span: Stretch): Watched {
  const evidence = promEvidence(facts, claim);
  const { bound } = claim;
  if (evidence === undefined) return { clock: 'PromQL', state: 'open', detail: whyUnanswered(facts, claim) };
  if (bound === undefined) return { clock: 'PromQL', state: 'unknown', detail: 'the claim has no bound' };
  const fromWallMs = wallOf(facts, span.fromMonoMs);
  const toWallMs = fromWallMs + (Math.min(span.toMonoMs, facts.lastMonoMs) - span.fromMonoMs);
  const reachWallMs = toWallMs + evidence.windowMs + evidence.scrapeIntervalMs;
  const points = evidence.points.filter(([wallMs]) => wallMs > fromWallMs && wallMs <= reachWallMs);
  const during = points.filter(([wallMs]) => wallMs <= toWallMs);
  const isOutside = ([, value]: PromPoint): boolean => value !== null && !insideBound(value, bound);
  const outside = during.filter(isOutside);
  const [first] = outside;
  if (first !== undefined) {
    const when = formatDuration(first[0] - fromWallMs);
    const detail = `${claim.sloId} was ${String(first[1])} ${when} after the fault took effect, bound ${describeBound(bound)}`;
    const learnsWithinMs = evidence.windowMs + evidence.scrapeIntervalMs;
    const brackets = outside.map(([wallMs]) => {
      const toMonoMs = span.fromMonoMs + (wallMs - fromWallMs);
      return { fromMonoMs: toMonoMs - learnsWithinMs, toMonoMs, sometime: true } as const;
    });
    return { clock: 'PromQL', state: 'complete', outside: brackets, detail };
  }
  const problem = problemWithin(evidence, fromWallMs, reachWallMs);
  if (problem !== undefined)
    return { clock: 'PromQL', state: 'open', detail: `${problem.name}: ${problem.message}` };
  if (points.some(([, value]) => value === null)) {
    return { clock: 'PromQL', state: 'open', detail: 'the query has moments without a value' };
  }
  if (during.length === 0)
    return { clock: 'PromQL', state: 'open', detail: 'no sample lies within the time of the fault' };
  const late = points.findIndex(isOutside);
  // What it learned since the last good point may have happened before the end of the fault.
  const learnedSinceMs = (points[late - 1]?.[0] ?? fromWallMs) - evidence.scrapeIntervalMs;
  if (late !== -1 && learnedSinceMs < toWallMs) {
    const when = formatDuration((points[late]?.[0] ?? toWallMs) - toWallMs);
    const detail = `${claim.sloId} left its bound ${when} after the end of the fault, and may show what happened before`;
    return { clock: 'PromQL', state: 'straddling', detail };
  }
  const reached = (evidence.points.at(-1)?.[0] ?? 0) >= reachWallMs - evidence.stepMs;
  const complete = facts.lastMonoMs >= span.toMonoMs && reached;
  return {
    clock: 'PromQL',
    state: complete ? 'complete' : 'open',
    detail: 'not watched to the end of the fault',
  };
}

/** Where the probe has seen the whole span it tells apart what PromQL cannot. */
function withProbe(prom: Watched, probe: Watched | undefined): Watched {
  const told = prom.state === 'straddling' && probe?.state === 'complete' && probe.outside === undefined;
  return told ? { ...prom, state: 'complete' } : prom;
}

function promWidth(facts: TrialFacts, claim: Claim): number {
  const evidence = promEvidence(facts, claim);
  return evidence === undefined
    ? Number.POSITIVE_INFINITY
    : promWidthMs(evidence.windowMs, evidence.scrapeIntervalMs, evidence.stepMs);
}

function spanEnd(facts: TrialFacts, claim: Claim, fromMs: number): number {
  if (claim.withinMs !== undefined) return fromMs + claim.withinMs;
  const injection = injectionOf(facts, claim.injectionId);
  if (injection?.fault.durationMs !== undefined) return fromMs + injection.fault.durationMs;
  return injection?.reverted?.monoMs ?? facts.ended?.monoMs ?? Number.POSITIVE_INFINITY;
}
