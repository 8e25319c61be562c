import { entriesOf, type EntryOf } from './journal.ts';
import {
  DEFAULT_GOOD_SHARE,
  DEFAULT_STABLE_FOR_MS,
  DEFAULT_WATCH_FOR_MS,
  effectiveErrorMs,
  goodShareOf,
  measureCapacity,
  measureUsers,
  type UserQuestion,
} from './measure.ts';
import { injectionOf, wallOf, type InjectionFacts, type TrialFacts } from './trial-facts.ts';
import { MARK_NAMES, type Duration, type Mark } from './verdict.ts';

/** Two clocks whose distance to Unix time differs by less than this are the same CLOCK_MONOTONIC. */
const SAME_BOOT_MS = 1_000;
const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** The marks of a trial and the two durations between them. */
export interface Timeline {
  readonly marks: readonly Mark[];
  readonly recovery: Duration;
  readonly capacity: Duration;
}

/** The timeline of the trial's first fault, or of the one named. Without a fault: no marks. */
export function timelineOf(facts: TrialFacts, injectionId?: string): Timeline {
  const injection = injectionOf(facts, injectionId) ?? mainInjection(facts);
  if (injection === undefined) {
    const none: Duration = { kind: 'unknown', reason: 'no fault was injected' };
    return { marks: [], recovery: none, capacity: none };
  }
  const question = questionFor(facts, injection);
  const users = measureUsers(facts, injection, question);
  const capacity = measureCapacity(facts, injection, question.stableForMs);
  const marks = [
    requestedMark(injection),
    effectiveMark(facts, injection),
    ...healerMarks(facts, injection),
    users.restoredMonoMs === undefined
      ? undefined
      : stamp(facts, 'restored', users.restoredMonoMs, errorOf(users.duration), 'probe'),
    capacity.capacityMonoMs === undefined
      ? undefined
      : stamp(facts, 'capacity', capacity.capacityMonoMs, errorOf(capacity.duration), 'watch'),
    revertedMark(injection),
  ];
  return {
    marks: marks
      .filter((mark) => mark !== undefined)
      .sort((a, b) => MARK_NAMES.indexOf(a.name) - MARK_NAMES.indexOf(b.name)),
    recovery: users.duration,
    capacity: capacity.duration,
  };
}

/** The fault that the first recovery claim is about, otherwise the first one. */
function mainInjection(facts: TrialFacts): InjectionFacts | undefined {
  const claim = facts.claims.find((one) => one.claim === 'recover-within');
  return injectionOf(facts, claim?.injectionId) ?? facts.injections[0];
}

/** The claim's own terms; without a claim the usual ones. */
function questionFor(facts: TrialFacts, injection: InjectionFacts): UserQuestion {
  const claim = facts.claims.find(
    (one) => one.claim === 'recover-within' && (one.injectionId ?? injection.id) === injection.id,
  );
  if (claim?.withinMs !== undefined) {
    return {
      minGoodShare: goodShareOf(claim.bound),
      stableForMs: claim.stableForMs,
      watchForMs: claim.withinMs,
    };
  }
  return {
    minGoodShare: DEFAULT_GOOD_SHARE,
    stableForMs: DEFAULT_STABLE_FOR_MS,
    watchForMs: DEFAULT_WATCH_FOR_MS,
  };
}

function requestedMark(injection: InjectionFacts): Mark {
  return {
    name: 'requested',
    monoMs: injection.requestedMonoMs,
    wallMs: injection.requestedWallMs,
    errorMs: 1,
    seenBy: 'harness',
    detail: injection.fault.kind,
  };
}

function effectiveMark(facts: TrialFacts, injection: InjectionFacts): Mark | undefined {
  const { effective } = injection;
  return (
    effective && {
      name: 'effective',
      monoMs: effective.effectiveMonoMs,
      wallMs: effective.effectiveWallMs,
      errorMs: effectiveErrorMs(facts, injection),
      seenBy: effective.observer,
      detail: effective.observation,
    }
  );
}

function revertedMark(injection: InjectionFacts): Mark | undefined {
  const { reverted } = injection;
  if (reverted?.ok !== true) return undefined;
  return {
    name: 'reverted',
    monoMs: reverted.monoMs,
    wallMs: reverted.wallMs,
    errorMs: 1,
    seenBy: reverted.by,
    detail: reverted.observation,
  };
}

/**
 * Detected, decided and acted as the healer's own audit says; for a healer that keeps none, detected is the first
 * alert that fires and acted the first write of its user in the API's audit log. What nobody saw has no mark.
 */
function healerMarks(facts: TrialFacts, injection: InjectionFacts): (Mark | undefined)[] {
  const fromMs = injection.requestedMonoMs;
  const events = entriesOf(facts.entries, 'healer').filter(
    (event) => event.monoMs >= fromMs && event.wouldDo !== true,
  );
  const names = (injection.resolved?.targets ?? []).map((target) => target.name);
  const first = (...kinds: EntryOf<'healer'>['event'][]): Mark | undefined => {
    const candidates = events.filter((event) => kinds.includes(event.event));
    const about = candidates.filter((event) => names.some((name) => event.subject.includes(name)));
    const marks = (about.length > 0 ? about : candidates).map((event) =>
      healerMark(kinds[0] === 'decided' ? 'decided' : kinds[0] === 'acted' ? 'acted' : 'detected', event),
    );
    return marks.filter((mark) => mark.monoMs >= fromMs).sort((a, b) => a.monoMs - b.monoMs)[0];
  };
  return [
    first('detected') ?? alertMark(facts, fromMs),
    first('decided'),
    first('acted') ?? auditMark(facts, fromMs),
  ];
}

function healerMark(name: 'detected' | 'decided' | 'acted', event: EntryOf<'healer'>): Mark {
  const here = event.wallMs - event.monoMs;
  const there = event.healerWallMs - event.healerMonoMs;
  const detail = event.detail;
  if (Math.abs(here - there) < SAME_BOOT_MS) {
    return {
      name,
      monoMs: event.healerMonoMs,
      wallMs: event.healerMonoMs + here,
      errorMs: 1,
      seenBy: 'healer',
      detail,
    };
  }
  // Another machine: its wall clock is all there is, and the event cannot be later than its arrival.
  const mapped = Math.min(event.healerWallMs - here, event.monoMs);
  return {
    name,
    monoMs: mapped,
    wallMs: mapped + here,
    errorMs: Math.max(SAME_BOOT_MS, event.monoMs - mapped),
    seenBy: 'healer',
    detail,
  };
}

function alertMark(facts: TrialFacts, fromMs: number): Mark | undefined {
  const alert = entriesOf(facts.entries, 'alert').find(
    (event) => event.state === 'firing' && event.monoMs >= fromMs,
  );
  return (
    alert && {
      name: 'detected',
      monoMs: alert.monoMs,
      wallMs: alert.wallMs,
      errorMs: 1_000,
      seenBy: `alert:${alert.source}`,
      detail: alert.name,
    }
  );
}

function auditMark(facts: TrialFacts, fromMs: number): Mark | undefined {
  const user = healerUserOf(facts);
  if (user === undefined) return undefined;
  const write = entriesOf(facts.entries, 'api.audit').find(
    (event) => event.user === user && WRITES.has(event.verb) && event.code < 400 && event.monoMs >= fromMs,
  );
  if (write === undefined) return undefined;
  const monoMs = Math.min(write.monoMs, write.monoMs - (write.wallMs - write.stageWallMs));
  const detail = `${write.verb} ${write.resource} ${write.name}`;
  return stamp(facts, 'acted', monoMs, Math.max(1, write.monoMs - monoMs), 'api', detail);
}

/** The API user that acts for the healer: the configured one, or the service account of ours. */
export function healerUserOf(facts: TrialFacts): string | undefined {
  const healer = facts.started?.config['healer'];
  if (healer === 'off' || healer === undefined) return undefined;
  if (typeof healer === 'object' && healer !== null && 'actsAs' in healer) return String(healer.actsAs);
  return 'system:serviceaccount:firedrill-system:firedrill-healer';
}

function errorOf(duration: Duration): number {
  return duration.kind === 'measured' ? duration.errorMs : 0;
}

function stamp(
  facts: TrialFacts,
  name: Mark['name'],
  monoMs: number,
  errorMs: number,
  seenBy: string,
  detail?: string,
): Mark {
  return {
    name,
    monoMs,
    wallMs: wallOf(facts, monoMs),
    errorMs,
    seenBy,
    ...(detail === undefined ? {} : { detail }),
  };
}
