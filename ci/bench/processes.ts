import { readFileSync } from 'node:fs';

/** A file of /proc; empty where its process has ended between two looks at it. */
export function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
