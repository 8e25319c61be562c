import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Seconds that each suite took when it last ran to its end, by its name. */
type LastTimes = Readonly<Record<string, number>>;

/** The times of the last run; none where there was no run, or where its file cannot be read. */
export function readLastTimes(file: string): LastTimes {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LastTimes;
  } catch {
    return {};
  }
}

/** Keeps what these suites took; the times of suites that did not run stay. */
export function keepTimes(file: string, times: LastTimes): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...readLastTimes(file), ...times }, undefined, 2)}\n`);
}
