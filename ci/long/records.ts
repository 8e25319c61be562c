import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { UnitOutcome } from './unit.ts';

/** One unit that has run to its end. */
export interface UnitRecord extends UnitOutcome {
  /** The sources that it ran on: what `sourceVersion` says. */
  readonly commit: string;
  readonly part: string;
  readonly unit: string;
  readonly seed?: number;
  readonly seconds: number;
  readonly endedAt: string;
}

/** All records of a file of JSON lines, oldest first; a line that a killed run has left half written is none. */
export function readRecords(file: string): readonly UnitRecord[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as UnitRecord];
      } catch {
        return [];
      }
    });
}

/** Adds a record at the end. Files of several machines can be joined by `cat`. */
export function addRecord(file: string, record: UnitRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  // A line that was cut off must not spoil this one: readers skip what is empty.
  appendFileSync(file, `\n${JSON.stringify(record)}\n`);
}
