import { healerMarks } from './healer-marks.ts';
import { stampMark, within } from './mark-stamp.ts';
import {
  DEFAULT_GOOD_SHARE,
  DEFAULT_STABLE_FOR_MS,
  DEFAULT_WATCH_FOR_MS,
  effectiveErrorMs,
  measureCapacity,
  measureUsers,
  type UserQuestion,
} from './measure.ts';
import { goodShareOf } from '../slo/slo.ts';
import { heardUntil, injectionOf, type InjectionFacts, type TrialFacts } from './trial-facts.ts';
import type { Duration, Mark } from '../verdict.ts';

/** The marks of a trial and the two durations between them. */
export interface Timeline {
  readonly marks: readonly Mark[];
  readonly recovery: Duration;
  readonly capacity: Duration;
}

/** Several checks ask for it, and of a long trial it takes long to measure. */
const measured = new WeakMap<TrialFacts, Timeline>();

/** The timeline of the trial's first fault. Without a fault: no marks. */
export function timelineOf(facts: TrialFacts): Timeline {
  const known = measured.get(facts) ?? measureTimeline(facts);
  measured.set(facts, known);
  return known;
}

function measureTimeline(facts: TrialFacts): Timeline {
  const injection = mainInjection(facts);
  if (injection === undefined) {
    const none: Duration = { kind: 'unknown', reason: 'no fault was injected' };
    return { marks: [], recovery: none, capacity: none };
  }
  const question = questionFor(facts, injection);
  const users = measureUsers(facts, injection, question);
  const capacity = measureCapacity(untilClosing(facts), injection, question.stableForMs);
  // In the order of their names.
  const marks = [
    requestedMark(injection),
    effectiveMark(facts, injection),
    ...healerMarks(facts, injection),
    endMark(facts, 'restored', users.restoredMonoMs, users.duration, 'probe'),
    endMark(facts, 'capacity', capacity.capacityMonoMs, capacity.duration, 'watch'),
    revertedMark(injection),
  ];
  return {
    marks: marks.filter((mark) => mark !== undefined),
    recovery: users.duration,
    capacity: capacity.duration,
  };
}

/** A trial that ends before its replicas are back takes its watch down with it, and that is no blindness of the watch. */
function untilClosing(facts: TrialFacts): TrialFacts {
  const closing = facts.entries.findLastIndex(({ kind }) => kind === 'residue');
  const stopped = facts.entries
    .slice(closing)
    .find((entry) => entry.kind === 'observer' && entry.observer === 'watch' && entry.state === 'stopped');
  return closing === -1 || stopped === undefined ? facts : heardUntil(facts, stopped.monoMs, Infinity);
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
      minGoodShare: goodShareOf(claim.bound) ?? DEFAULT_GOOD_SHARE,
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
    ...within(1),
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
      ...within(effectiveErrorMs(facts, injection)),
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
    ...within(1),
    seenBy: reverted.by,
    detail: reverted.observation,
  };
}

/** The end of a duration, with the bracket of that; what was not measured has none. */
function endMark(
  facts: TrialFacts,
  name: Mark['name'],
  monoMs: number | undefined,
  duration: Duration,
  seenBy: string,
): Mark | undefined {
  if (monoMs === undefined || duration.kind !== 'measured') return undefined;
  const { ms, lowMs, highMs } = duration;
  return stampMark(facts, name, monoMs, { beforeMs: ms - lowMs, afterMs: highMs - ms }, seenBy);
}
