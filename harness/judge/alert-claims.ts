import { formatDuration } from '../core/duration.ts';
import { smallest } from '../core/extremes.ts';
import type { Sight } from '../core/recovery/sight.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import {
  alertsOf,
  alertWitnesses,
  firedAfter,
  firingAt,
  identity,
  nameOf,
  POLL_MS,
  type Alert,
} from './alert-events.ts';
import { decided, doubtful, type Claim, type ClaimCheck, type Decision } from './check.ts';
import { claimStart, isOver, knownUntil } from './claim-time.ts';

/** The alert fires within the time allowed. */
export const checkFireWithin: ClaimCheck = (facts, claim, nowMonoMs) => {
  const time = limitOf(facts, claim);
  if (time.kind !== 'known') return time.decision;
  const { fromMs, withinMs, limitMs } = time;
  const events = alertsOf(facts, claim);
  if (firingAt(events, fromMs).size > 0) return doubtful(`${nameOf(claim)} was firing before the fault`);
  const fired = events.find((event) => event.state === 'firing' && event.monoMs > fromMs);
  const said = describe(claim, 'fired', fired?.monoMs, time);
  if (fired !== undefined && fired.monoMs <= limitMs && firedAfter(events, fired) < fromMs)
    return doubtful(`${said.reason}; but it may have been firing before the fault`, said.figures);
  if (fired !== undefined && fired.monoMs <= limitMs)
    return decided('held', said.reason, looking(claim, fromMs, fromMs), said.figures);
  if (fired !== undefined && fired.monoMs <= limitMs + POLL_MS)
    return doubtful(`too close to call: ${said.reason}`, said.figures);
  if (knownUntil(facts, nowMonoMs) < limitMs + 2 * POLL_MS) return notYet(facts, claim, nowMonoMs);
  const reason =
    fired === undefined ? `${nameOf(claim)} did not fire within ${formatDuration(withinMs)}` : said.reason;
  return decided('violated', reason, looking(claim, fromMs, limitMs + POLL_MS), said.figures);
};

/**
 * Nothing of that name fires at the limit, nor for `stableFor` after the last of it has resolved, whichever is later. An
 * alert that never fired has nothing to resolve.
 */
export const checkResolveWithin: ClaimCheck = (facts, claim, nowMonoMs) => {
  const time = limitOf(facts, claim);
  if (time.kind !== 'known') return time.decision;
  const { fromMs, withinMs, limitMs } = time;
  const known = knownUntil(facts, nowMonoMs);
  const { everFired, resolvedMonoMs } = lastSilence(facts, claim, time);
  if (!everFired) {
    return known >= limitMs + POLL_MS
      ? doubtful(`${nameOf(claim)} never fired: there was nothing to resolve`)
      : notYet(facts, claim, nowMonoMs);
  }
  const said = describe(claim, 'resolved', resolvedMonoMs, time);
  if (resolvedMonoMs === undefined || resolvedMonoMs > limitMs + POLL_MS) {
    if (known < limitMs + 2 * POLL_MS) return notYet(facts, claim, nowMonoMs);
    const never = `${nameOf(claim)} did not resolve within ${formatDuration(withinMs)}`;
    return decided(
      'violated',
      resolvedMonoMs === undefined ? never : said.reason,
      looking(claim, fromMs, firesAt(alertsOf(facts, claim), limitMs + POLL_MS)),
      said.figures,
    );
  }
  const silentUntilMs = Math.max(limitMs, resolvedMonoMs + claim.stableForMs);
  if (known < silentUntilMs) return notYet(facts, claim, nowMonoMs);
  return resolvedMonoMs <= limitMs
    ? decided('held', said.reason, looking(claim, fromMs, silentUntilMs), said.figures)
    : doubtful(`too close to call: ${said.reason}`, said.figures);
};

interface Silence {
  readonly everFired: boolean;
  /** When the last of them resolved, and nothing fired again while that counts; absent while something fires. */
  readonly resolvedMonoMs?: number;
}

/** The first moment from an instant on at which something fires. */
function firesAt(events: readonly Alert[], fromMonoMs: number): number {
  if (firingAt(events, fromMonoMs).size > 0) return fromMonoMs;
  const later = events.filter(({ monoMs, state }) => monoMs > fromMonoMs && state === 'firing');
  return smallest(later.map(({ monoMs }) => monoMs));
}

function lastSilence(facts: TrialFacts, claim: Claim, { fromMs, limitMs }: KnownLimit): Silence {
  const events = alertsOf(facts, claim);
  const firing = firingAt(events, fromMs);
  let everFired = firing.size > 0;
  let resolvedMonoMs: number | undefined;
  for (const event of events) {
    const { monoMs } = event;
    if (monoMs <= fromMs) continue;
    const silentUntilMs =
      resolvedMonoMs === undefined ? undefined : Math.max(limitMs, resolvedMonoMs + claim.stableForMs);
    if (monoMs > (everFired ? (silentUntilMs ?? Number.POSITIVE_INFINITY) : limitMs + POLL_MS)) break;
    if (event.state === 'firing') {
      firing.add(identity(event));
      everFired = true;
      resolvedMonoMs = undefined;
    } else if (event.state === 'resolved' && firing.delete(identity(event)) && firing.size === 0) {
      resolvedMonoMs = monoMs;
    }
  }
  return { everFired, ...(resolvedMonoMs === undefined ? {} : { resolvedMonoMs }) };
}

function looking(claim: Claim, fromMonoMs: number, toMonoMs: number): Sight[] {
  return alertWitnesses(claim).map((observer) => ({ observer, fromMonoMs, toMonoMs }));
}

function notYet(facts: TrialFacts, claim: Claim, nowMonoMs: number): Decision | undefined {
  if (!isOver(facts, nowMonoMs)) return undefined;
  return doubtful(`the trial ended before the time allowed for ${nameOf(claim)} was over`);
}

function describe(
  claim: Claim,
  verb: string,
  monoMs: number | undefined,
  { fromMs, withinMs }: KnownLimit,
): { reason: string; figures: { measured?: number; allowed: number; unit: string } } {
  const allowed = { allowed: withinMs, unit: 'ms' };
  if (monoMs === undefined) return { reason: '', figures: allowed };
  const measured = monoMs - fromMs;
  const reason = `${nameOf(claim)} ${verb} after ${formatDuration(measured)}; allowed ${formatDuration(withinMs)}`;
  return { reason, figures: { measured, ...allowed } };
}

interface KnownLimit {
  readonly kind: 'known';
  readonly fromMs: number;
  readonly withinMs: number;
  readonly limitMs: number;
}

type Limit = KnownLimit | { readonly kind: 'unknown'; readonly decision: Decision | undefined };

function limitOf(facts: TrialFacts, claim: Claim): Limit {
  const { withinMs } = claim;
  if (withinMs === undefined) return { kind: 'unknown', decision: doubtful('the claim has no time limit') };
  const start = claimStart(facts, claim);
  if (start.kind === 'never') return { kind: 'unknown', decision: doubtful(start.reason) };
  if (start.kind === 'waiting') return { kind: 'unknown', decision: undefined };
  return { kind: 'known', fromMs: start.monoMs, withinMs, limitMs: start.monoMs + withinMs };
}
