import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/**
 * What was kept at a name of a file, as numbers of the last run are; nothing where no file is, or one that was cut off or
 * has values of another kind.
 */
export function readKept<Value>(file: string, value: z.ZodType<Value>): Readonly<Record<string, Value>> {
  try {
    return z.record(z.string(), value).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

/** Keeps these beside what else the file has. */
export function keep<Value>(
  file: string,
  value: z.ZodType<Value>,
  values: Readonly<Record<string, Value>>,
): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...readKept(file, value), ...values }, undefined, 2)}\n`);
}
