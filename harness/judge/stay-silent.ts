import { formatDuration } from '../core/duration.ts';
import { healerUserOf, isDeed } from '../core/recovery/healer-marks.ts';
import { entriesOf, type EntryOf } from '../core/journal/journal.ts';
import { BLINDNESS_TOLD_WITHIN_MS, wasWatched } from '../core/recovery/sight.ts';
import { injectionOf, type TrialFacts } from '../core/recovery/trial-facts.ts';
import {
  alertsOf,
  alertWitnesses,
  firedAfter,
  firingAt,
  nameOf,
  POLL_MS,
  type Alert,
} from './alert-events.ts';
import { brokenBy, doubtful, heldUnhurt, type Claim, type ClaimCheck } from './check.ts';
import { claimStart, isOver, knownUntil } from './claim-time.ts';

/** How long after it happened it may be told: alerts are asked for once a second, and nothing else more seldom. */
const TOLD_WITHIN_MS = POLL_MS;

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
  const heard = healer ? healerActions(facts) : firings(alertsOf(facts, claim));
  const certain = heard.filter(
    ({ afterMonoMs, entry }) => afterMonoMs >= start.monoMs && entry.monoMs <= endMs,
  );
  const [noise] = certain;
  if (noise !== undefined) {
    const when = formatDuration(noise.entry.monoMs - start.monoMs);
    const broken = certain.map(({ entry: { monoMs } }) => ({ fromMonoMs: monoMs, toMonoMs: monoMs }));
    return brokenBy(`${what} was not silent: ${describe(noise.entry)} after ${when}`, broken);
  }
  const untilMs = knownUntil(facts, nowMonoMs);
  const over = isOver(facts, nowMonoMs);
  if (untilMs < endMs || endMs === Number.POSITIVE_INFINITY) {
    return over ? doubtful(`the trial ended before ${what} had been watched for long enough`) : undefined;
  }
  if (untilMs < endMs + TOLD_WITHIN_MS && !over) return undefined;
  const atTheEdge = heard.find(
    ({ afterMonoMs, entry: { monoMs } }) =>
      monoMs > start.monoMs && afterMonoMs < endMs && monoMs <= endMs + TOLD_WITHIN_MS,
  );
  if (atTheEdge !== undefined) {
    const when = formatDuration(atTheEdge.entry.monoMs - start.monoMs);
    const before = formatDuration(atTheEdge.entry.monoMs - atTheEdge.afterMonoMs);
    return doubtful(
      `too close to call: ${describe(atTheEdge.entry)}, which was told after ${when} and may be ${before} older; ${what} had to be silent for ${formatDuration(endMs - start.monoMs)}`,
    );
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

/** What must not have happened, when it was told, and after which moment it happened. */
interface Noise {
  readonly entry: Alert | Action;
  readonly afterMonoMs: number;
}

function firings(events: readonly Alert[]): Noise[] {
  return events
    .filter(({ state }) => state === 'firing')
    .map((entry) => ({ entry, afterMonoMs: firedAfter(events, entry) }));
}

/** What the healer says it did, what the API server saw it write, and what was asked of machines. */
function healerActions(facts: TrialFacts): Noise[] {
  const user = healerUserOf(facts);
  const acts = entriesOf(facts.entries, 'healer').filter(
    (event) => event.event === 'acted' && event.wouldDo !== true,
  );
  const writes = entriesOf(facts.entries, 'api.audit').filter(
    (event) => event.user === user && isDeed(event),
  );
  const calls = entriesOf(facts.entries, 'machine').filter((event) => event.call !== 'states');
  return [...acts, ...writes, ...calls]
    .sort((a, b) => a.monoMs - b.monoMs)
    .map((entry) => {
      const lateMs = Math.min(TOLD_WITHIN_MS, Math.max(0, entry.wallMs - doneWallMs(entry)));
      return { entry, afterMonoMs: entry.monoMs - lateMs };
    });
}

/** By the clock of whoever did it. */
function doneWallMs(action: Action): number {
  switch (action.kind) {
    case 'healer':
      return action.healerWallMs;
    case 'api.audit':
      return action.receivedWallMs ?? action.stageWallMs;
    case 'machine':
      return action.callWallMs ?? action.wallMs;
  }
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
