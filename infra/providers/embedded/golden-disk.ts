import { hash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../process/run.ts';
import { userFolder } from '../../process/user-folders.ts';
import { emptyDisks } from './disk.ts';
import type { StoredImage } from './image-store.ts';
import { inOwnNamespaces } from './own-namespaces.ts';
import { explainNoSpace } from '../../supervisor/headroom.ts';

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'golden-disk.sh');
/** Changes when a disk of the same images would be made differently. */
const FORMAT = '2';
/** Disks of other image sets that are kept for the next change back. */
const KEPT_DISKS = 3;
const UNFINISHED = 'making-';

export function diskCache(env: NodeJS.ProcessEnv): string {
  return join(userFolder('XDG_CACHE_HOME', env), 'disks');
}

/** The images of a cluster, unpacked: paths of two disks. */
export interface GoldenDisks {
  /** What a node's disk begins as: copy it, never mount it. */
  readonly node: string;
  /** The files of the images, for all nodes of a cluster together: mount it read-only. */
  readonly images: string;
}

/**
 * Disks on which these images are unpacked already, made once for each set of images. Importing them into every node at
 * every start took most of the time until the first pod ran.
 */
export async function goldenDisks(options: {
  readonly images: readonly StoredImage[];
  /** The folder of such disks. */
  readonly cache: string;
  readonly containerd: string;
  readonly ctr: string;
  readonly onProgress: (detail: string) => void;
  readonly signal: AbortSignal;
}): Promise<GoldenDisks> {
  const references = options.images.map((image) => image.reference).sort();
  const key = hash('sha256', [FORMAT, ...references].join('\n')).slice(0, 24);
  const path = join(options.cache, key);
  const disks = { node: join(path, 'node.img'), images: join(path, 'images.img') };
  if (existsSync(path)) {
    utimesSync(path, new Date(), new Date());
    return disks;
  }
  options.onProgress(`unpacking ${references.length} images onto a disk, once`);
  const work = join(options.cache, `${UNFINISHED}${process.pid}-${randomUUID()}`);
  mkdirSync(work, { recursive: true, mode: 0o700 });
  try {
    for (const disk of Object.values(disks)) await emptyDisks.create(join(work, basename(disk)));
    const archives = [...new Set(options.images.map((image) => image.archive))];
    writeFileSync(join(work, 'archives'), archives.map((archive) => `${archive}\n`).join(''));
    await run(
      'setpriv',
      inOwnNamespaces(
        ['mount', 'pid'],
        ['/bin/bash', SCRIPT, work, options.containerd, options.ctr],
        ['--mount-proc'],
      ),
      { signal: options.signal },
    );
    for (const name of readdirSync(work))
      if (!name.endsWith('.img')) rmSync(join(work, name), { recursive: true });
    putInPlace(work, path);
  } catch (error) {
    throw explainNoSpace(error, options.cache);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  removeOldDisks(path);
  return disks;
}

/** Another start may have been faster; then its disks are as good. */
function putInPlace(work: string, path: string): void {
  try {
    renameSync(work, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

function removeOldDisks(current: string): void {
  const cache = dirname(current);
  const disks = readdirSync(cache)
    .filter((name) => !name.startsWith(UNFINISHED))
    .map((name) => join(cache, name))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  for (const disk of disks.filter((path) => path !== current).slice(KEPT_DISKS))
    rmSync(disk, { recursive: true, force: true });
}
