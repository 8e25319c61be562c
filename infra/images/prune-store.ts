import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from './blob-store.ts';

const HOUR_MS = 3_600_000;
/** Longer than any build or cluster that may still need what it found. Archives are big and quickly made again. */
const UNUSED_LIMIT_MS: Readonly<Record<string, number>> = {
  tmp: HOUR_MS,
  archives: 7 * 24 * HOUR_MS,
  'blobs/sha256': 14 * 24 * HOUR_MS,
  keys: 30 * 24 * HOUR_MS,
  bundles: 30 * 24 * HOUR_MS,
};

/** Removes what nobody used for long: every change of a source leaves an image that is never asked for again. */
export async function pruneStore(directory: string, nowMs: number): Promise<void> {
  for (const [folder, limitMs] of Object.entries(UNUSED_LIMIT_MS)) {
    for (const name of (await readdir(join(directory, folder)).catch(ignoreMissing)) ?? []) {
      const file = join(directory, folder, name);
      const facts = await stat(file).catch(ignoreMissing);
      if (facts !== undefined && nowMs - facts.mtimeMs > limitMs) await rm(file, { force: true });
    }
  }
}
