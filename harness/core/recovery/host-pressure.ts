import { entriesOf, type Entry, type EntryOf } from '../journal/journal.ts';

type Pressure = EntryOf<'host.pressure'>;

/**
 * What was told of the machine that overlaps a span, in milliseconds of the trial's monotonic clock. Each begins where the one before
 * ended, however its length was rounded: once one has reached the end of the span, none that is told later speaks of it.
 */
export function pressureWithin(
  entries: readonly Entry[],
  fromMonoMs = -Infinity,
  toMonoMs = Infinity,
): readonly Pressure[] {
  return entriesOf(entries, 'host.pressure').filter(
    ({ monoMs, overMs }, index, all) =>
      monoMs > fromMonoMs && Math.max(monoMs - overMs, all[index - 1]?.monoMs ?? -Infinity) < toMonoMs,
  );
}

/** A figure's mean over the time for which it is known, and that time; undefined where it is not known at all. */
export function meanPressure(
  told: readonly Pressure[],
  of: (one: Pressure) => number | undefined,
): { readonly mean: number; readonly overMs: number } | undefined {
  let [sum, overMs] = [0, 0];
  for (const one of told) {
    const figure = of(one);
    if (figure === undefined) continue;
    sum += figure * one.overMs;
    overMs += one.overMs;
  }
  return overMs === 0 ? undefined : { mean: sum / overMs, overMs };
}

/** Share of the processors' time that others took while none was idle; undefined where nobody knows what was others'. */
export function takenShare({ othersShare, noneIdleShare = 1 }: Pressure): number | undefined {
  return othersShare === undefined ? undefined : othersShare * noneIdleShare;
}
