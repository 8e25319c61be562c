import { doneRecord, figuresOf, lastMs, SLICE_MS, type UnitName } from './plan.ts';
import type { UnitRecord } from './records.ts';

/** A part as it is listed. */
interface ListedPart {
  readonly name: string;
  readonly what: string;
  /** How long one unit may take, as long as it has not been timed. */
  readonly guessMs: number;
  readonly units: readonly UnitName[];
}

/** What a part consists of, what of it is done on these sources, and how long each unit took the last time. */
export function listingOf(
  { name, what, guessMs, units }: ListedPart,
  records: readonly UnitRecord[],
  commit: string,
): readonly string[] {
  const done = units.map((unit) => doneRecord(unit, records, commit));
  const count = (result: string): number => done.filter((record) => record?.result === result).length;
  const totalMs = units.reduce((sum, unit) => sum + (lastMs(unit, records) ?? guessMs), 0);
  const left = units.length - count('passed') - count('failed');
  return [
    `${name}: ${what}`,
    `  units: ${units.length}, of which ${count('passed')} passed, ${count('failed')} failed, ${left} left; ` +
      `all take about ${(totalMs / 60_000).toFixed(0)} min, so slices: ${Math.ceil(totalMs / SLICE_MS)}`,
    ...units.map((unit, index) => {
      const ms = lastMs(unit, records);
      const took = ms === undefined ? 'never timed' : `${(ms / 1000).toFixed(1)} s the last time`;
      return `    ${(done[index]?.result ?? 'left').padEnd(7)} ${unit.unit}, ${took}`;
    }),
    ...[...figuresOf(units, records, commit)].map(([figure, values]) => `  ${figure}: ${inWords(values)}`),
  ];
}

/** The median with the extremes, as the README has them. */
function inWords(sorted: readonly number[]): string {
  const at = (share: number): string => {
    const value = sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
    return Number.isFinite(value) ? value.toFixed(2) : 'never';
  };
  return `median ${at(0.5)}, ${at(0)} to ${at(1)}, n = ${sorted.length}`;
}
