import { formatDuration } from '../core/duration.ts';
import { entriesOf, type EntryOf } from '../core/journal.ts';
import { healerUserOf } from '../core/marks.ts';
import { injectionOf, type TrialFacts } from '../core/trial-facts.ts';
import { claimFinding, type Claim, type ClaimCheck } from './check.ts';
import { claimStart, knownUntil } from './claim-time.ts';
import { blindSpot } from './observation.ts';

/** Alerts are asked for once a second: one that is seen may be this much older, and one that is due may come this late. */
const POLL_MS = 1_000;

type Alert = EntryOf<'alert'>;

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

/** Nothing fires, or the healer does nothing, for as long as the claim says. */
export const checkStaySilent: ClaimCheck = (facts, claim, nowMonoMs) => {
  const start = claimStart(facts, claim);
  if (start.kind === 'never') return claimFinding(claim, 'inconclusive', start.reason);
  if (start.kind === 'waiting') return undefined;
  const endMs = silenceEnd(facts, claim, start.monoMs);
  const healer = claim.subject !== undefined && 'healer' in claim.subject;
  const what = healer ? 'the healer' : nameOf(claim);
  if (healer && healerUserOf(facts) === undefined) {
    return claimFinding(claim, 'inconclusive', 'there is no healer that could act');
  }
  if (!healer && firingAt(alertsOf(facts, claim), start.monoMs).size > 0) {
    return claimFinding(claim, 'inconclusive', `${what} was firing already`);
  }
  const noises = healer
    ? healerActions(facts)
    : alertsOf(facts, claim).filter((event) => event.state === 'firing');
  const noise = noises.find((event) => event.monoMs > start.monoMs && event.monoMs <= endMs);
  if (noise !== undefined) {
    const when = formatDuration(noise.monoMs - start.monoMs);
    return claimFinding(claim, 'violated', `${what} was not silent: ${describe(noise)} after ${when}`);
  }
  const untilMs = knownUntil(facts, nowMonoMs);
  if (untilMs < endMs || endMs === Number.POSITIVE_INFINITY) {
    if (facts.ended === undefined && nowMonoMs !== Number.POSITIVE_INFINITY) return undefined;
    return claimFinding(
      claim,
      'inconclusive',
      `the trial ended before ${what} had been watched for long enough`,
    );
  }
  const blind = blindSpot(facts, healer ? 'healer' : 'alerts', start.monoMs, endMs);
  if (blind !== undefined) return claimFinding(claim, 'inconclusive', blind);
  return claimFinding(claim, 'held', `${what} stayed silent for ${formatDuration(endMs - start.monoMs)}`);
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

/** For the time given; otherwise until the fault is gone, otherwise until the scenario has ended. */
function silenceEnd(facts: TrialFacts, claim: Claim, fromMs: number): number {
  if (claim.withinMs !== undefined) return fromMs + claim.withinMs;
  const reverted = injectionOf(facts, claim.injectionId)?.reverted;
  return reverted?.monoMs ?? facts.ended?.monoMs ?? Number.POSITIVE_INFINITY;
}

function alertsOf(facts: TrialFacts, claim: Claim): Alert[] {
  const subject = claim.subject;
  const name = nameOf(claim);
  const labels = subject !== undefined && 'alert' in subject ? (subject.labels ?? {}) : {};
  const events = entriesOf(facts.entries, 'alert').filter(
    (event) =>
      (name === '*' || event.name === name) &&
      Object.entries(labels).every(([label, value]) => event.labels[label] === value),
  );
  // The receiver hears of the same alert later, and of its end later still: Prometheus itself counts where it was seen.
  const direct = events.filter((event) => event.source === 'prometheus');
  return direct.length > 0 ? direct : events;
}

function nameOf(claim: Claim): string {
  return claim.subject !== undefined && 'alert' in claim.subject ? claim.subject.alert : claim.sloId;
}

function firingAt(events: readonly Alert[], monoMs: number): Set<string> {
  const firing = new Set<string>();
  for (const event of events) {
    if (event.monoMs > monoMs) break;
    if (event.state === 'firing') firing.add(identity(event));
    else if (event.state === 'resolved') firing.delete(identity(event));
  }
  return firing;
}

function identity(event: Alert): string {
  const labels = Object.entries(event.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([event.source, event.name, labels]);
}

function healerActions(facts: TrialFacts): (EntryOf<'healer'> | EntryOf<'api.audit'>)[] {
  const user = healerUserOf(facts);
  const acts = entriesOf(facts.entries, 'healer').filter(
    (event) => event.event === 'acted' && event.wouldDo !== true,
  );
  const writes = entriesOf(facts.entries, 'api.audit').filter((event) => event.user === user);
  return [...acts, ...writes].sort((a, b) => a.monoMs - b.monoMs);
}

function describe(event: Alert | EntryOf<'healer'> | EntryOf<'api.audit'>): string {
  switch (event.kind) {
    case 'alert':
      return `${event.name} fired`;
    case 'healer':
      return `${event.detail} (${event.subject})`;
    case 'api.audit':
      return `${event.verb} ${event.resource} ${event.name}`;
  }
}
