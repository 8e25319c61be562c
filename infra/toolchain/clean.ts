import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../../harness/core/file-errors.ts';
import { ownerOfName } from '../process/identity.ts';
import { takeLock } from '../process/lock.ts';
import { LOCKS, lockPath } from './cache.ts';

/** What was removed from the cache. */
export interface Cleaned {
  readonly paths: readonly string[];
  readonly bytes: number;
}

/** Folders of the cache that are not bundles. */
const SCRATCH = 'scratch';
/** Files in which downloads go on, by the digest that each is to have. */
const PARTIAL = 'partial';
const IS_PARTIAL = /^[0-9a-f]{40}\./;
/** The folder of a bundle: version, architecture, digest of how it is made. What is named otherwise is none of ours. */
const IS_BUNDLE = /-linux-(amd64|arm64)-[0-9a-f]{12}$/;

/**
 * Removes what the cache holds besides `keep`: bundles of other versions, broken-off downloads, and what killed processes left.
 * What another process is making right now stays.
 *
 * @param keep Folders of bundles, absolute
 */
export async function clean(
  cacheFolder: string,
  keep: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Cleaned> {
  const paths: string[] = [];
  let bytes = 0;
  const remove = async (path: string) => {
    bytes += await sizeOf(path);
    await rm(path, { recursive: true, force: true });
    paths.push(path);
  };
  for (const name of await folders(cacheFolder)) {
    const folder = join(cacheFolder, name);
    if (name === LOCKS) continue;
    if (name === PARTIAL) {
      const makers = await folders(join(cacheFolder, SCRATCH));
      if (makers.some((own) => ownerOfName(own) === 'alive')) continue;
      for (const file of await readdir(folder)) if (IS_PARTIAL.test(file)) await remove(join(folder, file));
      continue;
    }
    if (name === SCRATCH) {
      for (const own of await folders(folder))
        if (ownerOfName(own) === 'dead') await remove(join(folder, own));
      continue;
    }
    using _lock = await takeLock(lockPath(cacheFolder, name), { signal });
    for (const version of await folders(folder)) {
      const path = join(folder, version);
      if (IS_BUNDLE.test(version) && !keep.has(path)) await remove(path);
    }
  }
  return { paths, bytes };
}

/** We make folders in ours, and nothing else: a file there is somebody's. */
async function folders(folder: string): Promise<readonly string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path);
  if (!stats.isDirectory()) return stats.size;
  let bytes = 0;
  for (const name of await readdir(path)) bytes += await sizeOf(join(path, name));
  return bytes;
}
