import { largest } from '../../harness/core/extremes.ts';
import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';

/** How starved the machine was that the trial ran on, for a sentence; undefined where nobody has said. */
export function describeHost(entries: readonly Entry[]): string | undefined {
  const told = entriesOf(entries, 'host.pressure');
  if (told.length === 0) return undefined;
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  const runnable = told.map(({ runnablePerCore }) => runnablePerCore);
  const waited = told.flatMap(({ stalledShares: { cpu } }) => (cpu === undefined ? [] : [cpu]));
  return [
    `${mean(runnable).toFixed(1)} threads wanted each processor (${largest(runnable).toFixed(1)} in the worst second)`,
    ...(waited.length === 0 ? [] : [`some thread waited for one ${percent(mean(waited))} of the time`]),
    `other virtual machines had ${percent(mean(told.map(({ stolenShare }) => stolenShare)))} of them`,
  ].join('; ');
}
