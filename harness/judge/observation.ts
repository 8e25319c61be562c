import { entriesOf } from '../core/journal/journal.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';

/** Undefined when the observer was looking all the time; otherwise why its silence proves nothing. */
export function blindSpot(
  facts: TrialFacts,
  observer: string,
  fromMonoMs: number,
  toMonoMs: number,
): string | undefined {
  const states = entriesOf(facts.entries, 'observer').filter((entry) => entry.observer === observer);
  const started = states.find((entry) => entry.state === 'started');
  if (started === undefined) return `nobody watched: the observer "${observer}" was never started`;
  if (started.monoMs > fromMonoMs) return `the observer "${observer}" started too late`;
  const gap = states.find(
    (entry) =>
      entry.state === 'gap' &&
      (entry.fromMonoMs ?? entry.monoMs) <= toMonoMs &&
      (entry.toMonoMs ?? entry.monoMs) >= fromMonoMs,
  );
  if (gap !== undefined) return `the observer "${observer}" has a gap: ${gap.reason ?? 'no reason given'}`;
  const stopped = states.findLast((entry) => entry.state === 'stopped');
  if (stopped !== undefined && stopped.monoMs < toMonoMs)
    return `the observer "${observer}" stopped too early`;
  return undefined;
}
