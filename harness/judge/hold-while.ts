import { promWidthMs } from '../core/slo/bracket.ts';
import { formatDuration } from '../core/duration.ts';
import { goodShareOf } from '../core/recovery/measure.ts';

import { describeBound, insideBound } from '../core/slo/slo.ts';
import { watchSpan } from '../core/recovery/watch-span.ts';
import { injectionOf, wallOf, type TrialFacts } from '../core/recovery/trial-facts.ts';
import { claimFinding, type Claim, type ClaimCheck } from './check.ts';
import { claimStart } from './claim-time.ts';
import { problemWithin, promEvidence } from './prom-evidence.ts';
import { largest } from '../core/extremes.ts';

/** How long after the end of the span an observer may still be late with what it saw. */
const GRACE_MS = 10_000;

interface Span {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
}

/** What one clock says about the span: how long it was outside, or why it cannot tell (yet). */
interface Watched {
  readonly clock: 'probe' | 'PromQL';
  readonly outsideMs?: number;
  readonly detail: string;
  readonly state: 'complete' | 'open' | 'unknown';
}

/**
 * The objective stays inside its bound for as long as the fault lasts: from effective for the time claimed, else for
 * the fault's own duration, else until it is reverted or the scenario ends.
 */
export const checkHoldWhile: ClaimCheck = (facts, claim, nowMonoMs) => {
  const start = claimStart(facts, claim);
  if (start.kind === 'never') return claimFinding(claim, 'inconclusive', start.reason);
  if (start.kind === 'waiting') return undefined;
  const over = facts.ended !== undefined || nowMonoMs === Number.POSITIVE_INFINITY;
  const span = { fromMonoMs: start.monoMs, toMonoMs: spanEnd(facts, claim, start.monoMs) };
  const judgedBy = claim.judgedBy ?? 'probe-and-promql';
  const probe = judgedBy === 'promql' ? undefined : watchProbe(facts, claim, span);
  const prom = judgedBy === 'probe' ? undefined : watchProm(facts, claim, span);
  const clocks = [probe, prom].filter((clock) => clock !== undefined);

  const late = nowMonoMs > span.toMonoMs + GRACE_MS;
  const outside = clocks.filter((clock) => clock.outsideMs !== undefined);
  if (!over && !late && clocks.some((clock) => clock.state === 'open')) {
    // With both clocks outside nothing that follows can change the outcome.
    if (outside.length < clocks.length) return undefined;
  }
  const widthMs = promWidth(facts, claim);
  if (probe?.outsideMs !== undefined && prom?.state === 'complete' && prom.outsideMs === undefined) {
    if (probe.outsideMs > widthMs) {
      const reason =
        `the clocks disagree: users were outside the bound for ${formatDuration(probe.outsideMs)} by the probe, ` +
        `and PromQL, which would show more than ${formatDuration(widthMs)}, saw nothing`;
      return claimFinding(claim, 'inconclusive', reason);
    }
  }
  if (outside.length > 0) {
    return claimFinding(
      claim,
      'violated',
      outside.map((clock) => `${clock.detail} (${clock.clock})`).join(', '),
    );
  }
  const silent = clocks.filter((clock) => clock.state !== 'complete');
  if (silent.length > 0) {
    return claimFinding(
      claim,
      'inconclusive',
      silent.map((clock) => `${clock.clock}: ${clock.detail}`).join('; '),
    );
  }
  const bound = claim.bound === undefined ? '' : ` ${describeBound(claim.bound)}`;
  return claimFinding(claim, 'held', `stayed${bound} for ${formatDuration(span.toMonoMs - span.fromMonoMs)}`);
};

function watchProbe(facts: TrialFacts, claim: Claim, span: Span): Watched {
  const minGoodShare = goodShareOf(claim.bound);
  const endMs = Math.min(span.toMonoMs, facts.lastMonoMs);
  const answers = facts.traces.map((trace) => watchSpan(trace, { ...span, toMonoMs: endMs, minGoodShare }));
  if (answers.length === 0) return { clock: 'probe', state: 'open', detail: 'the probe sent no request' };
  const bad = answers.flatMap((answer) => answer.bad);
  const hole = answers.find((answer) => answer.hole !== undefined)?.hole;
  const complete = facts.lastMonoMs >= span.toMonoMs && answers.every((answer) => answer.complete);
  const state = hole !== undefined ? 'unknown' : complete ? 'complete' : 'open';
  const [first] = bad;
  if (first === undefined) {
    return { clock: 'probe', state, detail: hole ?? 'not watched to the end of the fault' };
  }
  const outsideMs = largest(bad.map((stretch) => stretch.toMonoMs - stretch.fromMonoMs));
  const when = formatDuration(first.fromMonoMs - span.fromMonoMs);
  return {
    clock: 'probe',
    state,
    outsideMs,
    detail: `users left the bound ${when} after the fault took effect`,
  };
}

function watchProm(facts: TrialFacts, claim: Claim, span: Span): Watched {
  const evidence = promEvidence(facts, claim.sloId);
  const { bound } = claim;
  if (evidence === undefined)
    return { clock: 'PromQL', state: 'open', detail: 'its query was never answered' };
  if (bound === undefined) return { clock: 'PromQL', state: 'unknown', detail: 'the claim has no bound' };
  const fromWallMs = wallOf(facts, span.fromMonoMs);
  const toWallMs = fromWallMs + (Math.min(span.toMonoMs, facts.lastMonoMs) - span.fromMonoMs);
  const during = evidence.points.filter(([wallMs]) => wallMs > fromWallMs && wallMs <= toWallMs);
  const outside = during.filter(([, value]) => value !== null && !insideBound(value, bound));
  const [first] = outside;
  if (first !== undefined) {
    const when = formatDuration(first[0] - fromWallMs);
    const detail = `${claim.sloId} was ${String(first[1])} ${when} after the fault took effect, bound ${describeBound(bound)}`;
    return { clock: 'PromQL', state: 'complete', outsideMs: (outside.at(-1) ?? first)[0] - first[0], detail };
  }
  const problem = problemWithin(evidence, fromWallMs, toWallMs);
  if (problem !== undefined)
    return { clock: 'PromQL', state: 'open', detail: `${problem.name}: ${problem.message}` };
  if (during.some(([, value]) => value === null)) {
    return { clock: 'PromQL', state: 'open', detail: 'the query has moments without a value' };
  }
  const reach = evidence.points.at(-1)?.[0] ?? 0;
  const complete =
    during.length > 0 && facts.lastMonoMs >= span.toMonoMs && reach >= toWallMs - 1.5 * evidence.stepMs;
  return {
    clock: 'PromQL',
    state: complete ? 'complete' : 'open',
    detail:
      during.length === 0
        ? 'no sample lies within the time of the fault'
        : 'not watched to the end of the fault',
  };
}

function promWidth(facts: TrialFacts, claim: Claim): number {
  const evidence = promEvidence(facts, claim.sloId);
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
