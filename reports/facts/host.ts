import { formatDuration } from '../../harness/core/duration.ts';
import { largest } from '../../harness/core/extremes.ts';
import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';
import { meanPressure, pressureWithin, takenShare } from '../../harness/core/recovery/host-pressure.ts';
import { quantile } from '../../harness/core/recovery/stats.ts';

/** How starved the machine was that the trial ran on, and by whom, one line for each figure; none where nobody has said. */
export function describeHost(entries: readonly Entry[]): readonly string[] {
  const told = pressureWithin(entries);
  const mean = (of: Parameters<typeof meanPressure>[1]): number | undefined => meanPressure(told, of)?.mean;
  const worst = (of: Parameters<typeof meanPressure>[1]): number => largest(told.map((one) => of(one) ?? 0));
  const runnable = mean(({ runnablePerCore }) => runnablePerCore);
  if (runnable === undefined) return [];
  const [others, taken] = [mean(({ othersShare }) => othersShare), mean(takenShare)];
  const waited = mean(({ stalledShares: { cpu } }) => cpu);
  const unknown = told.findLast(({ othersUnknown }) => othersUnknown !== undefined)?.othersUnknown;
  const nodes = [...new Set(told.flatMap(({ throttledShares = {} }) => Object.keys(throttledShares)))];
  const lateMs = quantile(
    entriesOf(entries, 'probe.sample').map((sample) => sample.lateMs),
    0.95,
  );
  return [
    ...(others === undefined || taken === undefined
      ? [`what others had of the processors is not known${unknown === undefined ? '' : `: ${unknown}`}`]
      : [
          `others had ${percent(others)} of the processors, ${percent(taken)} while none was idle (${percent(worst(takenShare))} in the worst second)`,
        ]),
    `${runnable.toFixed(1)} threads wanted each processor (${worst(({ runnablePerCore }) => runnablePerCore).toFixed(1)} in the worst second)`,
    ...(waited === undefined ? [] : [`some thread waited for a processor ${percent(waited)} of the time`]),
    `other virtual machines had ${percent(mean(({ stolenShare }) => stolenShare) ?? 0)} of the processors`,
    ...nodes.map(
      (node) =>
        `${node} was throttled ${percent(mean((one) => one.throttledShares?.[node]) ?? 0)} of the time`,
    ),
    ...(Number.isNaN(lateMs)
      ? []
      : [`one in twenty of the probe's requests was sent ${formatDuration(lateMs)} late or later`]),
  ];
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
