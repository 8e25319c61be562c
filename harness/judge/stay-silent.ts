import { formatDuration } from '../core/duration.ts';
import { healerUserOf } from '../core/recovery/healer-marks.ts';
import { entriesOf, type EntryOf } from '../core/journal/journal.ts';
import { BLINDNESS_TOLD_WITHIN_MS, wasWatched } from '../core/recovery/sight.ts';
import { injectionOf, type TrialFacts } from '../core/recovery/trial-facts.ts';
import { alertsOf, alertWitnesses, firingAt, nameOf, type Alert } from './alert-events.ts';
import { brokenBy, doubtful, heldUnhurt, type Claim, type ClaimCheck } from './check.ts';
import { claimStart, isOver, knownUntil } from './claim-time.ts';

/** Nothing fires, or the healer does nothing, for as long as the claim says. */
export const checkStaySilent: ClaimCheck = (facts, claim, nowMonoMs) => {
  const start = claimStart(facts, claim);
  if (start.kind === 'never') return doubtful(start.reason);
  if (start.kind === 'waiting') return undefined;
  const endMs = silenceEnd(facts, claim, start.monoMs);
  const healer = claim.subject !== undefined && 'healer' in claim.subject;
  const what = healer ? 'the healer' : nameOf(claim);
  if (healer && healerUserOf(facts) === undefined) {
    return doubtful('there is no healer that could act');
  }
  if (!healer && firingAt(alertsOf(facts, claim), start.monoMs).size > 0) {
    return doubtful(`${what} was firing already`);
  }
  const noises = healer
    ? healerActions(facts)
    : alertsOf(facts, claim).filter((event) => event.state === 'firing');
  const heard = noises.filter((event) => event.monoMs > start.monoMs && event.monoMs <= endMs);
  const [noise] = heard;
  if (noise !== undefined) {
    const when = formatDuration(noise.monoMs - start.monoMs);
    const broken = heard.map(({ monoMs }) => ({ fromMonoMs: monoMs, toMonoMs: monoMs }));
    return brokenBy(`${what} was not silent: ${describe(noise)} after ${when}`, broken);
  }
  const untilMs = knownUntil(facts, nowMonoMs);
  if (untilMs < endMs || endMs === Number.POSITIVE_INFINITY) {
    return isOver(facts, nowMonoMs)
      ? doubtful(`the trial ended before ${what} had been watched for long enough`)
      : undefined;
  }
  const rests = (healer ? healerWitnesses(facts) : alertWitnesses(claim)).map((observer) => ({
    observer,
    fromMonoMs: start.monoMs,
    toMonoMs: endMs,
  }));
  const silent = `${what} stayed silent for ${formatDuration(endMs - start.monoMs)}`;
  return heldUnhurt(silent, rests, injectionOf(facts, claim.injectionId));
};

/** By then whoever was blind has told so. */
export function silenceHearsUntil(facts: TrialFacts, claim: Claim): number {
  const start = claimStart(facts, claim);
  if (start.kind !== 'known') return Number.POSITIVE_INFINITY;
  return silenceEnd(facts, claim, start.monoMs) + BLINDNESS_TOLD_WITHIN_MS;
}

/** Whoever watches what a healer does; each sees what the others may miss. */
function healerWitnesses(facts: TrialFacts): readonly string[] {
  const watching = ['healer', 'api.audit', 'machine'].filter((observer) => wasWatched(facts, observer));
  return watching.length === 0 ? ['healer'] : watching;
}

/** For the time given; otherwise until the fault is gone, otherwise until the scenario has ended. */
function silenceEnd(facts: TrialFacts, claim: Claim, fromMs: number): number {
  if (claim.withinMs !== undefined) return fromMs + claim.withinMs;
  const reverted = injectionOf(facts, claim.injectionId)?.reverted;
  return reverted?.monoMs ?? facts.ended?.monoMs ?? Number.POSITIVE_INFINITY;
}

type Action = EntryOf<'healer'> | EntryOf<'api.audit'> | EntryOf<'machine'>;

/** What the healer says it did, what the API server saw it write, and what was asked of machines. */
function healerActions(facts: TrialFacts): Action[] {
  const user = healerUserOf(facts);
  const acts = entriesOf(facts.entries, 'healer').filter(
    (event) => event.event === 'acted' && event.wouldDo !== true,
  );
  const writes = entriesOf(facts.entries, 'api.audit').filter((event) => event.user === user);
  const calls = entriesOf(facts.entries, 'machine').filter((event) => event.call !== 'states');
  return [...acts, ...writes, ...calls].sort((a, b) => a.monoMs - b.monoMs);
}

function describe(event: Alert | Action): string {
  switch (event.kind) {
    case 'alert':
      return `${event.name} fired`;
    case 'healer':
      return `${event.detail} (${event.subject})`;
    case 'api.audit':
      return `${event.verb} ${event.resource} ${event.name}`;
    case 'machine':
      return `${event.call} of ${event.node}`;
  }
}
