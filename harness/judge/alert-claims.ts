import { formatDuration } from '../core/duration.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import { alertsOf, firingAt, identity, nameOf, type Alert } from './alert-events.ts';
import { claimFinding, type Claim, type ClaimCheck } from './check.ts';
import { claimStart, knownUntil } from './claim-time.ts';
import { blindSpot } from './observation.ts';

/** Alerts are asked for once a second: one that is seen may be this much older, and one that is due may come this late. */
const POLL_MS = 1_000;

/** The alert fires within the time allowed. */
export const checkFireWithin: ClaimCheck = (facts, claim, nowMonoMs) => {
  const time = limitOf(facts, claim);
  if ('finding' in time) return time.finding;
  if (time.waiting) return undefined;
  const { fromMs, withinMs } = time;
  const events = alertsOf(facts, claim);
  if (firingAt(events, fromMs).size > 0) {
    return claimFinding(claim, 'inconclusive', `${nameOf(claim)} was firing before the fault`);
  }
  const fired = events.find((event) => event.state === 'firing' && event.monoMs > fromMs);
  return within(facts, claim, nowMonoMs, {
    event: fired,
    fromMs,
    withinMs,
    verb: 'fired',
    never: 'did not fire',
  });
};

/** All that fires has resolved within the time allowed. An alert that never fired has nothing to resolve. */
export const checkResolveWithin: ClaimCheck = (facts, claim, nowMonoMs) => {
  const time = limitOf(facts, claim);
  if ('finding' in time) return time.finding;
  if (time.waiting) return undefined;
  const { fromMs, withinMs } = time;
  const events = alertsOf(facts, claim);
  const firing = firingAt(events, fromMs);
  let everFired = firing.size > 0;
  let resolved: Alert | undefined;
  for (const event of events) {
    if (event.monoMs <= fromMs || resolved !== undefined) continue;
    if (event.state === 'firing') {
      firing.add(identity(event));
      everFired = true;
    } else if (event.state === 'resolved' && firing.delete(identity(event)) && firing.size === 0) {
      resolved = event;
    }
  }
  if (!everFired && knownUntil(facts, nowMonoMs) >= fromMs + withinMs + POLL_MS) {
    return claimFinding(claim, 'inconclusive', `${nameOf(claim)} never fired: there was nothing to resolve`);
  }
  const never = everFired ? 'did not resolve' : 'did not fire, let alone resolve,';
  return within(facts, claim, nowMonoMs, { event: resolved, fromMs, withinMs, verb: 'resolved', never });
};

interface Wait {
  readonly event: Alert | undefined;
  readonly fromMs: number;
  readonly withinMs: number;
  readonly verb: string;
  readonly never: string;
}

function within(facts: TrialFacts, claim: Claim, nowMonoMs: number, wait: Wait): ReturnType<ClaimCheck> {
  const allowedText = `allowed ${formatDuration(wait.withinMs)}`;
  if (wait.event !== undefined) {
    const measured = wait.event.monoMs - wait.fromMs;
    const figures = { measured, allowed: wait.withinMs, unit: 'ms' };
    const reason = `${nameOf(claim)} ${wait.verb} after ${formatDuration(measured)}; ${allowedText}`;
    if (measured <= wait.withinMs) return claimFinding(claim, 'held', reason, figures);
    const blind = blindSpot(facts, 'alerts', wait.fromMs, wait.event.monoMs);
    if (blind !== undefined) return claimFinding(claim, 'inconclusive', `${reason}; but ${blind}`, figures);
    const close = measured - POLL_MS <= wait.withinMs;
    return claimFinding(
      claim,
      close ? 'inconclusive' : 'violated',
      close ? `too close to call: ${reason}` : reason,
      figures,
    );
  }
  const limitMs = wait.fromMs + wait.withinMs;
  if (knownUntil(facts, nowMonoMs) < limitMs + 2 * POLL_MS) {
    if (facts.ended === undefined && nowMonoMs !== Number.POSITIVE_INFINITY) return undefined;
    return claimFinding(
      claim,
      'inconclusive',
      `the trial ended before the time allowed for ${nameOf(claim)} was over`,
    );
  }
  const blind = blindSpot(facts, 'alerts', wait.fromMs, limitMs + POLL_MS);
  if (blind !== undefined) return claimFinding(claim, 'inconclusive', blind);
  return claimFinding(
    claim,
    'violated',
    `${nameOf(claim)} ${wait.never} within ${formatDuration(wait.withinMs)}`,
    {
      allowed: wait.withinMs,
      unit: 'ms',
    },
  );
}

type Limit =
  | { readonly finding: ReturnType<ClaimCheck> }
  | { readonly waiting: true }
  | { readonly waiting: false; readonly fromMs: number; readonly withinMs: number };

function limitOf(facts: TrialFacts, claim: Claim): Limit {
  if (claim.withinMs === undefined) {
    return { finding: claimFinding(claim, 'inconclusive', 'the claim has no time limit') };
  }
  const start = claimStart(facts, claim);
  if (start.kind === 'never') return { finding: claimFinding(claim, 'inconclusive', start.reason) };
  if (start.kind === 'waiting') return { waiting: true };
  return { waiting: false, fromMs: start.monoMs, withinMs: claim.withinMs };
}
