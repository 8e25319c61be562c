import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What was kept at a name of a file, as numbers of the last run are; nothing where no file is, or one that was cut off. */
export function readKept<Value>(file: string): Readonly<Record<string, Value>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Value>;
  } catch {
    return {};
  }
}

/** Keeps these beside what else the file has. */
export function keep(file: string, values: Readonly<Record<string, unknown>>): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...readKept(file), ...values }, undefined, 2)}\n`);
}
