import { inWords } from '../bench/bench.ts';
import type { PartUnit } from './parts.ts';
import type { Records } from './records.ts';
import { SLICE_MS } from './slice.ts';

/** What a part consists of, what of it is done on these sources, and how long each unit took the last time. */
export function listingOf(
  { name, what }: { readonly name: string; readonly what: string },
  units: readonly Pick<PartUnit, 'part' | 'unit' | 'guessMs'>[],
  records: Records,
): readonly string[] {
  const done = units.map((unit) => records.doneOf(unit));
  const results = done.map((record) => record?.result ?? 'left');
  const count = (result: string): string => `${results.filter((one) => one === result).length} ${result}`;
  const totalMs = units.reduce((sum, unit) => sum + (records.lastMsOf(unit) ?? unit.guessMs), 0);
  const figures = [...records.figuresOf(units)];
  const without = done.filter((record) => record?.result === 'failed' && record.figures === undefined).length;
  return [
    `${name}: ${what}`,
    `  units: ${units.length}, of which ${['passed', 'failed', 'left'].map(count).join(', ')}; ` +
      `all take about ${(totalMs / 60_000).toFixed(0)} min, so slices: ${Math.ceil(totalMs / SLICE_MS)}`,
    ...units.map((unit, index) => {
      const ms = records.lastMsOf(unit);
      const took = ms === undefined ? 'never timed' : `${(ms / 1000).toFixed(1)} s the last time`;
      const why = done[index]?.reason;
      return `    ${(results[index] ?? '').padEnd(7)} ${unit.unit}, ${took}${why === undefined ? '' : `: ${why}`}`;
    }),
    ...figures.map(([figure, values]) => {
      const said =
        without > 0 ? `incomplete, ${without} of ${units.length} failed without it` : inWords(values);
      return `  ${figure}: ${said}`;
    }),
  ];
}
