import { capacityRecovery, type CapacityAnswer, type CapacityChange } from './capacity.ts';
import { entriesOf, type EntryOf } from '../journal/journal.ts';
import { recoveryFromProbe, worstRecovery, type RecoveryAnswer } from './recovery.ts';
import { blindSpot } from './sight.ts';
import { lagWithin, type InjectionFacts, type TrialFacts } from './trial-facts.ts';

/** How users are counted where the objective's own unit is not a share of good requests. */
export const DEFAULT_GOOD_SHARE = 0.99;
/** How long a state has to last where no objective says so. */
export const DEFAULT_STABLE_FOR_MS = 5_000;
/** How long every violation counts where no objective sets a limit. */
export const DEFAULT_WATCH_FOR_MS = 10_000;
/** The watch stamps on arrival; an event takes this long at most to reach a harness that is not late itself. */
const WATCH_DELAY_MS = 50;

export interface UserQuestion {
  readonly minGoodShare: number;
  readonly stableForMs: number;
  /** How long after effective every violation counts: the limit of the claim. */
  readonly watchForMs: number;
}

/**
 * Time from effective to users restored, over all targets of the probe. Where users were hit before the effect was
 * proven, the proof came late, and the time is counted from their impact.
 */
export function measureUsers(
  facts: TrialFacts,
  injection: InjectionFacts,
  question: UserQuestion,
): RecoveryAnswer {
  const { effective } = injection;
  if (effective === undefined) return notProven(injection);
  const requestedMonoMs = Math.min(injection.requestedMonoMs, effective.effectiveMonoMs);
  const ask = (originMonoMs: number): RecoveryAnswer[] =>
    facts.traces.map((trace) =>
      recoveryFromProbe(trace, {
        requestedMonoMs,
        effectiveMonoMs: originMonoMs,
        effectiveErrorMs: effectiveErrorMs(facts, injection),
        minGoodShare: question.minGoodShare,
        stableForMs: question.stableForMs,
        watchUntilMonoMs: originMonoMs + question.watchForMs,
      }),
    );
  const answers = ask(effective.effectiveMonoMs);
  const impactMonoMs = answers.reduce(
    (first, answer) => Math.min(first, answer.impactMonoMs ?? first),
    Infinity,
  );
  if (impactMonoMs >= effective.effectiveMonoMs) return worstRecovery(answers);
  const originMonoMs = Math.max(requestedMonoMs, impactMonoMs);
  return { ...worstRecovery(ask(originMonoMs)), originMonoMs };
}

/** Time from effective to all replicas Ready, by the watch; a loss within `watchForMs` always counts. */
export function measureCapacity(
  facts: TrialFacts,
  injection: InjectionFacts,
  stableForMs = DEFAULT_STABLE_FOR_MS,
  watchForMs = 0,
): CapacityAnswer {
  const { effective } = injection;
  if (effective === undefined) return { duration: notProven(injection).duration, settled: false };
  const changes = replicasOfAll(entriesOf(facts.entries, 'capacity'));
  const ask = (arrivalErrorMs: number): CapacityAnswer =>
    capacityRecovery(changes, {
      requestedMonoMs: Math.min(injection.requestedMonoMs, effective.effectiveMonoMs),
      effectiveMonoMs: effective.effectiveMonoMs,
      effectiveErrorMs: effectiveErrorMs(facts, injection),
      arrivalErrorMs,
      stableForMs,
      watchUntilMonoMs: effective.effectiveMonoMs + watchForMs,
      untilMonoMs: facts.lastMonoMs,
      podsHit: injection.resolved?.podsHit ?? 0,
    });
  const answer = ask(WATCH_DELAY_MS);
  const toMonoMs = answer.stableUntilMonoMs ?? facts.lastMonoMs;
  const blind = blindSpot(facts, { observer: 'watch:Pod', fromMonoMs: injection.requestedMonoMs, toMonoMs });
  if (blind !== undefined) return { duration: { kind: 'unknown', reason: blind }, settled: answer.settled };
  if (answer.capacityMonoMs === undefined) return answer;
  return ask(WATCH_DELAY_MS + lagWithin(facts, answer.capacityMonoMs, answer.capacityMonoMs));
}

/** The last change of the number of replicas until an instant. */
export function lastCapacity(facts: TrialFacts, untilMonoMs: number): CapacityChange | undefined {
  return replicasOfAll(entriesOf(facts.entries, 'capacity')).findLast(({ monoMs }) => monoMs <= untilMonoMs);
}

/** How far the moment when capacity was back may be off. */
export function capacityErrorMs(facts: TrialFacts, injection: InjectionFacts): number {
  return effectiveErrorMs(facts, injection) + WATCH_DELAY_MS;
}

/** Of several workloads all have to be complete: what one has too many does not stand for what another misses. */
function replicasOfAll(changes: readonly EntryOf<'capacity'>[]): CapacityChange[] {
  const latest = new Map<string, EntryOf<'capacity'>>();
  return changes.map((change) => {
    latest.set(change.selector, change);
    const all = [...latest.values()];
    return {
      monoMs: change.monoMs,
      ready: all.reduce((sum, { ready, wanted }) => sum + Math.min(ready, wanted), 0),
      wanted: all.reduce((sum, { wanted }) => sum + wanted, 0),
    };
  });
}

/** The error of the moment when the fault took effect: the observer's own, and how late the harness was then. */
export function effectiveErrorMs(facts: TrialFacts, injection: InjectionFacts): number {
  const { effective } = injection;
  if (effective === undefined) return 0;
  const lagMs = lagWithin(facts, injection.requestedMonoMs, effective.effectiveMonoMs);
  return effective.errorMs + lagMs;
}

function notProven(injection: InjectionFacts): RecoveryAnswer {
  const reason = `${injection.fault.kind} was not shown to take effect`;
  return { duration: { kind: 'unknown', reason }, settled: false, lowMs: 0 };
}
