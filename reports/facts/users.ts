import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';
import type { Verdict } from '../../harness/core/verdict.ts';

const BUDGET_DAYS = 30;
const DAY_SECONDS = 86_400;

/** What the trial cost its users. */
interface UserCost {
  readonly total: number;
  readonly failed: number;
  /** The objective whose budget is spent, e.g. 0.99; absent where no claim states a share of good requests. */
  readonly objective?: number;
  /** Failed requests over those that the objective allows in 30 days at the rate of this trial. */
  readonly budgetShare?: number;
}

/** The requests of a trial and their share of a 30-day error budget; undefined where none was sent. */
export function userCost(verdict: Verdict, entries: readonly Entry[]): UserCost | undefined {
  const { total, failed } = verdict.requests;
  if (total === 0) return undefined;
  const objective = availabilityObjective(entries);
  const watchedSeconds = watchedFor(entries);
  if (objective === undefined || watchedSeconds === undefined) return { total, failed };
  const perBudget = (total / watchedSeconds) * BUDGET_DAYS * DAY_SECONDS;
  return { total, failed, objective, budgetShare: failed / (perBudget * (1 - objective)) };
}

/** The strictest claim on a share of good requests: the only kind of bound that has an error budget. */
function availabilityObjective(entries: readonly Entry[]): number | undefined {
  let strictest: number | undefined;
  for (const claim of entriesOf(entries, 'slo.claim')) {
    if (!claim.bound || !('atLeast' in claim.bound)) continue;
    const share = claim.bound.atLeast;
    if (share > 0 && share < 1 && (strictest === undefined || share > strictest)) strictest = share;
  }
  return strictest;
}

function watchedFor(entries: readonly Entry[]): number | undefined {
  let first = Infinity;
  let last = -Infinity;
  for (const entry of entries) {
    if (entry.kind !== 'probe.sample') continue;
    first = Math.min(first, entry.dueMonoMs);
    last = Math.max(last, entry.dueMonoMs);
  }
  return last > first ? (last - first) / 1000 : undefined;
}
