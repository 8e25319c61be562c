import { capacityRecovery, type CapacityAnswer } from './capacity.ts';
import { entriesOf } from '../journal/journal.ts';
import { recoveryFromProbe, worstRecovery, type RecoveryAnswer } from './recovery.ts';
import type { Bound } from '../slo/slo.ts';
import { lagWithin, type InjectionFacts, type TrialFacts } from './trial-facts.ts';

/** How users are counted where the objective's own unit is not a share of good requests. */
export const DEFAULT_GOOD_SHARE = 0.99;
/** How long a state has to last where no objective says so. */
export const DEFAULT_STABLE_FOR_MS = 5_000;
/** How long every violation counts where no objective sets a limit. */
export const DEFAULT_WATCH_FOR_MS = 10_000;
/** The watch stamps on arrival; an event takes this long at most to reach a harness that is not late itself. */
const WATCH_DELAY_MS = 50;

/** The share of good requests that the probe asks for: the bound itself where it is such a share. */
export function goodShareOf(bound: Bound | undefined): number {
  const share = bound !== undefined && 'atLeast' in bound ? bound.atLeast : undefined;
  return share !== undefined && share > 0 && share <= 1 ? share : DEFAULT_GOOD_SHARE;
}

export interface UserQuestion {
  readonly minGoodShare: number;
  readonly stableForMs: number;
  /** How long after effective every violation counts: the limit of the claim. */
  readonly watchForMs: number;
}

/** Time from effective to users restored, over all targets of the probe. */
export function measureUsers(
  facts: TrialFacts,
  injection: InjectionFacts,
  question: UserQuestion,
): RecoveryAnswer {
  const { effective } = injection;
  if (effective === undefined) return notProven(injection);
  const answers = facts.traces.map((trace) =>
    recoveryFromProbe(trace, {
      requestedMonoMs: Math.min(injection.requestedMonoMs, effective.effectiveMonoMs),
      effectiveMonoMs: effective.effectiveMonoMs,
      effectiveErrorMs: effectiveErrorMs(facts, injection),
      minGoodShare: question.minGoodShare,
      stableForMs: question.stableForMs,
      watchUntilMonoMs: effective.effectiveMonoMs + question.watchForMs,
    }),
  );
  return worstRecovery(answers);
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
  const changes = entriesOf(facts.entries, 'capacity');
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
  const blind = watchGap(facts, injection.requestedMonoMs, answer.capacityMonoMs ?? facts.lastMonoMs);
  if (blind !== undefined) return { duration: { kind: 'unknown', reason: blind }, settled: answer.settled };
  if (answer.capacityMonoMs === undefined) return answer;
  return ask(WATCH_DELAY_MS + lagWithin(facts, answer.capacityMonoMs, answer.capacityMonoMs));
}

function watchGap(facts: TrialFacts, fromMonoMs: number, toMonoMs: number): string | undefined {
  const gap = entriesOf(facts.entries, 'observer').find(
    (entry) =>
      entry.observer === 'watch:Pod' &&
      entry.state === 'gap' &&
      (entry.fromMonoMs ?? entry.monoMs) <= toMonoMs &&
      (entry.toMonoMs ?? entry.monoMs) >= fromMonoMs,
  );
  return gap && `the watch of pods was blind meanwhile: ${gap.reason ?? 'no reason given'}`;
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
