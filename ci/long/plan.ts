import type { UnitRecord } from './records.ts';

/** No slice takes longer. */
export const SLICE_MS = 40 * 60_000;

/** One of several slices, counted from 1. */
interface Slice {
  readonly number: number;
  readonly of: number;
}

/** Reads `K/N`; undefined where it is none. */
export function parseSlice(text: string): Slice | undefined {
  const [, number, of] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(text) ?? []).map(Number);
  return number === undefined || of === undefined || number > of ? undefined : { number, of };
}

/** Every `of`th, so that what takes long (it stands together in a part) is spread over the slices. */
export function sliceOf<Item>(items: readonly Item[], { number, of }: Slice): readonly Item[] {
  return items.filter((_, index) => index % of === number - 1);
}

/** A unit as records know it. */
export interface UnitName {
  readonly part: string;
  readonly unit: string;
}

/**
 * The record that says that a unit is done on these sources: one that passed or failed. What failed is not tried again, a
 * second try would hide it; what was skipped has shown nothing, and other sources are another question.
 */
export function doneRecord(
  name: UnitName,
  records: readonly UnitRecord[],
  commit: string,
): UnitRecord | undefined {
  return records.findLast(
    (record) => isOf(record, name) && record.commit === commit && record.result !== 'skipped',
  );
}

/** How long a unit took the last time, on whatever sources. */
export function lastMs(name: UnitName, records: readonly UnitRecord[]): number | undefined {
  const last = records.findLast((record) => isOf(record, name) && record.result !== 'skipped');
  return last && last.seconds * 1000;
}

/** Whether a unit that takes so long ends before its slice has to. */
export function mayBegin(elapsedMs: number, expectedMs: number): boolean {
  return elapsedMs + expectedMs <= SLICE_MS;
}

/**
 * Figures by name with all their values, in order, from the units of a part. They count when every unit is done on these
 * sources, and there are none before.
 */
export function figuresOf(
  units: readonly UnitName[],
  records: readonly UnitRecord[],
  commit: string,
): ReadonlyMap<string, readonly number[]> {
  const done = units.map((unit) => doneRecord(unit, records, commit));
  const figures = new Map<string, number[]>();
  if (done.includes(undefined)) return figures;
  for (const [name, values] of done.flatMap((record) => Object.entries(record?.figures ?? {})))
    figures.set(name, [
      ...(figures.get(name) ?? []),
      ...values.map((value) => value ?? Number.POSITIVE_INFINITY),
    ]);
  for (const values of figures.values()) values.sort((a, b) => a - b);
  return figures;
}

function isOf(record: UnitRecord, { part, unit }: UnitName): boolean {
  return record.part === part && record.unit === unit;
}
