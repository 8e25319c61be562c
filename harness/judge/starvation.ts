import { formatDuration } from '../core/duration.ts';
import { meanPressure, pressureWithin, takenShare } from '../core/recovery/host-pressure.ts';
import { timelineOf } from '../core/recovery/marks.ts';
import { quantile } from '../core/recovery/stats.ts';
import type { Broken } from './check.ts';
import { lagWithin, type TrialFacts } from '../core/recovery/trial-facts.ts';

/**
 * Share of the processors' time that others took while none was idle. Below it one recovery in twenty leaves the interval of an idle
 * machine's, above it one in four, by 99 of them (`npm run bench -- starved-0-users`; the table is in ARCHITECTURE.md).
 */
const TAKEN_SHARE_MAX = 0.15;
/**
 * For where nobody knows what was others'. Threads hardly tell: an idle machine's own recoveries make 1 to 10, beside others they were 8 to
 * 24 where users were back in time, and 14 to 31 where they were not.
 */
const RUNNABLE_PER_CORE_MAX = 15;
/** Not measured, and for the same: a third of the processors gone is taken for as bad. */
const STOLEN_SHARE_MAX = 0.3;
/** What breaks while it must not may be owed to the machine as it was for so long before. */
const HARMS_FOR_MS = 10_000;
/** A recovery time is to be known to 100 ms, or 1 % of it. */
const PROMISED_ERROR_MS = 100;
const PROMISED_ERROR_SHARE = 0.01;
/** A harness that stands still for this long missed more than a stamp. */
export const STANDSTILL_MS = 1_000;

/** Why what went wrong within this span may have done so for want of a processor; undefined where there was none. */
export function starvation(facts: TrialFacts, fromMonoMs: number, toMonoMs: number): string | undefined {
  const lateMs = lagWithin(facts, fromMonoMs, toMonoMs);
  if (lateMs > STANDSTILL_MS) return `the harness had no CPU: a timer came ${formatDuration(lateMs)} late`;
  const [late] = lateProbes(facts, fromMonoMs, toMonoMs);
  if (late !== undefined) return late;
  const told = pressureWithin(facts.entries, fromMonoMs, toMonoMs);
  const taken = meanPressure(told, takenShare);
  if (taken !== undefined) return starvedAbove(taken, TAKEN_SHARE_MAX, 'others took', 'while none was idle');
  const stolen = meanPressure(told, ({ stolenShare }) => stolenShare);
  const runnable = meanPressure(told, ({ runnablePerCore }) => runnablePerCore);
  if (runnable !== undefined && runnable.mean > RUNNABLE_PER_CORE_MAX)
    return `the machine was starved: ${runnable.mean.toFixed(1)} threads wanted each of its processors over ${formatDuration(runnable.overMs)}, more than ${RUNNABLE_PER_CORE_MAX}`;
  return stolen && starvedAbove(stolen, STOLEN_SHARE_MAX, 'other virtual machines had');
}

/**
 * The same of what happened though it must not: why all of it may have been for want of a processor in the seconds before. A
 * second of it for which there was none is enough to say that the claim was broken.
 */
export function starvationBefore(
  facts: TrialFacts,
  startMonoMs: number,
  broken: readonly Broken[],
): string | undefined {
  const whys = broken.map(({ fromMonoMs, toMonoMs, sometime }) => {
    const told = pressureWithin(facts.entries, fromMonoMs, toMonoMs).map(({ monoMs }) => monoMs);
    const reasons = (told.length > 0 ? told : [toMonoMs]).map((endMs) =>
      starvation(facts, Math.max(startMonoMs, endMs - HARMS_FOR_MS), endMs),
    );
    return sometime !== true && reasons.includes(undefined) ? undefined : reasons.find(Boolean);
  });
  return whys.includes(undefined) ? undefined : whys[0];
}

/** Of each probe that one in twenty of its requests within a span was later than a recovery may be wrong: it measured its own lack of CPU. */
export function lateProbes(facts: TrialFacts, fromMonoMs: number, toMonoMs: number): string[] {
  return facts.traces.flatMap(({ target, samples }) => {
    const judged = samples.filter(({ dueMonoMs }) => dueMonoMs >= fromMonoMs && dueMonoMs <= toMonoMs);
    const p95 = quantile(
      judged.map(({ lateMs }) => lateMs),
      0.95,
    );
    if (!(p95 > PROMISED_ERROR_MS) || p95 <= allowedErrorMs(facts)) return [];
    const late = `one in twenty of its requests was more than ${formatDuration(p95)} late`;
    return [`the probe of ${target} had no CPU: ${late}`];
  });
}

function allowedErrorMs(facts: TrialFacts): number {
  const { recovery } = timelineOf(facts);
  return recovery.kind === 'measured' ? recovery.ms * PROMISED_ERROR_SHARE : 0;
}

function starvedAbove(
  { mean, overMs }: { readonly mean: number; readonly overMs: number },
  most: number,
  who: string,
  when = '',
): string | undefined {
  if (mean <= most) return undefined;
  return `the machine was starved: ${who} ${percent(mean)} of its processors${when && ` ${when}`} over ${formatDuration(overMs)}, more than ${percent(most)}`;
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
