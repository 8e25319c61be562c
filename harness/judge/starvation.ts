import { formatDuration } from '../core/duration.ts';
import { entriesOf } from '../core/journal/journal.ts';
import { lagWithin, type TrialFacts } from '../core/recovery/trial-facts.ts';

/**
 * Above this mean a recovery says more about the machine that everything ran on than about the system. On an idle machine the new pods
 * of a recovery alone make it 1 to 10; beside 32 programs that only run it is 22, and recoveries of 3 s took more than 6 s, n = 2
 * (`npm run bench -- starved-0-users`). It is on the safe side of idle: beside 4 programs (7 to 10) two took more than 7 s, unnoticed.
 */
const RUNNABLE_PER_CORE_MAX = 15;
/** Not measured: a third of the processors gone is taken for as bad. */
const STOLEN_SHARE_MAX = 0.3;
/** A harness that stands still for this long missed more than a stamp. */
export const STANDSTILL_MS = 1_000;

/** Why what took too long within this span may have taken it for want of a processor; undefined where there was none. */
export function starvation(facts: TrialFacts, fromMonoMs: number, toMonoMs: number): string | undefined {
  const lateMs = lagWithin(facts, fromMonoMs, toMonoMs);
  if (lateMs > STANDSTILL_MS) return `the harness had no CPU: a timer came ${formatDuration(lateMs)} late`;
  const told = entriesOf(facts.entries, 'host.pressure').filter(
    ({ monoMs, overMs }) => monoMs > fromMonoMs && monoMs - overMs < toMonoMs,
  );
  const overMs = told.reduce((sum, one) => sum + one.overMs, 0);
  if (overMs === 0) return undefined;
  const mean = (of: (one: (typeof told)[number]) => number): number =>
    told.reduce((sum, one) => sum + of(one) * one.overMs, 0) / overMs;
  const runnable = mean(({ runnablePerCore }) => runnablePerCore);
  const stolen = mean(({ stolenShare }) => stolenShare);
  const over = `over ${formatDuration(overMs)}`;
  if (runnable > RUNNABLE_PER_CORE_MAX)
    return `the machine was starved: ${runnable.toFixed(1)} threads wanted each of its processors ${over}, more than ${RUNNABLE_PER_CORE_MAX}`;
  if (stolen > STOLEN_SHARE_MAX)
    return `the machine was starved: other virtual machines had ${(stolen * 100).toFixed(0)} % of its processors ${over}, more than ${STOLEN_SHARE_MAX * 100} %`;
  return undefined;
}
