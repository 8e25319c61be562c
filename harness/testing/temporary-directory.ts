import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];
// A test file is a process of its own.
process.once('exit', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory for the tests of one file, gone with its process. */
export function temporaryDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `firedrill-${name}-`));
  made.push(directory);
  return directory;
}
