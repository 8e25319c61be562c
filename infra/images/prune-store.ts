import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../../harness/core/file-errors.ts';

const HOUR_MS = 3_600_000;
/** Longer than any build may take between finding a file and opening it. */
const UNUSED_LIMIT_MS: Readonly<Record<string, number>> = {
  tmp: HOUR_MS,
  archives: 7 * 24 * HOUR_MS,
  'blobs/sha256': 14 * 24 * HOUR_MS,
  keys: 30 * 24 * HOUR_MS,
  bundles: 30 * 24 * HOUR_MS,
};

/** Archives are big and quickly made again from their blobs; a running cluster keeps those that it needs open. */
const KEPT_ARCHIVES = 24;

/** Removes what nobody used for long: every change of a source leaves an image that is never asked for again. */
export async function pruneStore(directory: string, nowMs: number): Promise<void> {
  for (const [folder, limitMs] of Object.entries(UNUSED_LIMIT_MS)) {
    const files = await filesIn(join(directory, folder));
    const kept = folder === 'archives' ? KEPT_ARCHIVES : Infinity;
    for (const [index, { path, usedMs }] of files.entries()) {
      const unusedMs = nowMs - usedMs;
      if (unusedMs > limitMs || (index >= kept && unusedMs > HOUR_MS)) await rm(path, { force: true });
    }
  }
}

/** The last used first. */
async function filesIn(folder: string): Promise<{ path: string; usedMs: number }[]> {
  const files: { path: string; usedMs: number }[] = [];
  for (const name of (await readdir(folder).catch(ignoreMissing)) ?? []) {
    const path = join(folder, name);
    const facts = await stat(path).catch(ignoreMissing);
    if (facts !== undefined) files.push({ path, usedMs: facts.mtimeMs });
  }
  return files.sort((one, other) => other.usedMs - one.usedMs);
}
