import { mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BigIntStats } from 'node:fs';
import { ignoreMissing, isMissing } from '../../harness/core/file-errors.ts';
import { isRecord } from '../../harness/core/is-record.ts';
import { missingIn, shapeCheck, type Shape, type ShapeCheck } from '../../harness/core/shape.ts';
import type { Release } from './component.ts';
import { digestOf } from './digest.ts';

/** What was recorded of a binary after its whole content had been verified. */
interface BinaryRecord {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Nanoseconds since the epoch; text, since a number would lose digits. */
  readonly mtimeNs: string;
  readonly inode: string;
}

/** What is known of a bundle in the cache; stands beside its binaries as `bundle.json`. */
export interface BundleRecord {
  readonly bundle: string;
  readonly version: string;
  readonly source: 'download' | 'build';
  /** The Go version that built it. */
  readonly origin?: string;
  /** What each tool that was downloaded came out of. */
  readonly releases?: Readonly<Record<string, Release>>;
  readonly madeAt: string;
  readonly binaries: Readonly<Record<string, BinaryRecord>>;
}

/** What a look at a cached bundle says. */
export type CacheState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'good'; readonly record: BundleRecord }
  | { readonly kind: 'corrupt'; readonly why: string };

const RECORD = 'bundle.json';
const BUNDLE_SHAPE = shapeCheck({
  bundle: 'text',
  version: 'text',
  source: ['download', 'build'],
  'origin?': 'text',
  'releases?': 'record',
  madeAt: 'text',
  binaries: 'record',
} satisfies Shape<BundleRecord>);
const BINARY_SHAPE = shapeCheck({
  sha256: 'text',
  sizeBytes: 'amount',
  mtimeNs: 'text',
  inode: 'text',
} satisfies Shape<BinaryRecord>);
const RELEASE_SHAPE = shapeCheck({
  url: 'text',
  digest: 'text',
  verifiedBy: ['table', 'publisher'],
} satisfies Shape<Release>);
/** The folder of the cache in which locks are. */
export const LOCKS = 'locks';

/** The lock that whoever makes or removes a bundle has to hold. */
export function lockPath(cacheFolder: string, bundle: string): string {
  return join(cacheFolder, LOCKS, `${bundle}.lock`);
}

function sameFile(recorded: BinaryRecord, actual: BigIntStats): boolean {
  return (
    recorded.sizeBytes === Number(actual.size) &&
    recorded.mtimeNs === String(actual.mtimeNs) &&
    recorded.inode === String(actual.ino)
  );
}

async function readRecord(folder: string): Promise<BundleRecord | CacheState> {
  let text: string;
  try {
    text = await readFile(join(folder, RECORD), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return { kind: 'corrupt', why: 'it is no folder' };
    if (!isMissing(error)) throw error;
    const there = await stat(folder).catch(ignoreMissing);
    return there ? { kind: 'corrupt', why: `${RECORD} is missing` } : { kind: 'absent' };
  }
  try {
    const record: unknown = JSON.parse(text);
    if (isBundleRecord(record)) return record;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { kind: 'corrupt', why: `${RECORD} is not readable` };
}

function isBundleRecord(record: unknown): record is BundleRecord {
  if (!isRecord(record) || missingIn(record, BUNDLE_SHAPE) !== undefined) return false;
  const { binaries, releases = {} } = record as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const all = (records = {}, shape: ShapeCheck) =>
    Object.values(records).every((one) => isRecord(one) && missingIn(one, shape) === undefined);
  return all(binaries, BINARY_SHAPE) && all(releases, RELEASE_SHAPE);
}

/**
 * Looks at a cached bundle.
 *
 * Quick: a binary counts as good where size, time of change and inode are those recorded after its last full
 * verification; one that was moved or copied is read in full and recorded again. Thorough: all are read in full.
 */
export async function inspect(
  folder: string,
  tools: readonly string[],
  depth: 'quick' | 'thorough',
  signal?: AbortSignal,
): Promise<CacheState> {
  const record = await readRecord(folder);
  if ('kind' in record) return record;
  let moved = false;
  const binaries: Record<string, BinaryRecord> = {};
  for (const tool of tools) {
    const recorded = record.binaries[tool];
    if (!recorded) return { kind: 'corrupt', why: `${RECORD} does not know ${tool}` };
    const path = join(folder, tool);
    const actual = await stat(path, { bigint: true }).catch(ignoreMissing);
    if (!actual) return { kind: 'corrupt', why: `${tool} is missing` };
    if (Number(actual.size) !== recorded.sizeBytes)
      return { kind: 'corrupt', why: `${tool} has ${actual.size} bytes instead of ${recorded.sizeBytes}` };
    binaries[tool] = recorded;
    if (depth === 'quick' && sameFile(recorded, actual)) continue;
    if ((await digestOf(path, signal)) !== recorded.sha256)
      return { kind: 'corrupt', why: `the content of ${tool} is not what was verified when it was made` };
    moved ||= !sameFile(recorded, actual);
    binaries[tool] = recordOf(recorded.sha256, actual);
  }
  const current = { ...record, binaries: { ...record.binaries, ...binaries } };
  if (moved) await writeRecord(folder, current).catch(tolerateReadOnly);
  return { kind: 'good', record: current };
}

/** A cache that may only be read is as good; its files are just read in full every time. */
export function tolerateReadOnly(error: unknown): void {
  if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}

function recordOf(sha256: string, stats: BigIntStats): BinaryRecord {
  return {
    sha256,
    sizeBytes: Number(stats.size),
    mtimeNs: String(stats.mtimeNs),
    inode: String(stats.ino),
  };
}

async function writeRecord(folder: string, record: BundleRecord): Promise<void> {
  const draft = join(folder, `${RECORD}.${process.pid}`);
  await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(draft, join(folder, RECORD));
}

/**
 * Moves finished binaries into the cache, all of them at once: whoever looks sees the whole bundle or none of it.
 *
 * @param draft A folder on the cache's file system that holds the binaries; it becomes the bundle.
 */
export async function publish(
  draft: string,
  folder: string,
  tools: readonly string[],
  facts: Omit<BundleRecord, 'binaries'>,
): Promise<BundleRecord> {
  const binaries: Record<string, BinaryRecord> = {};
  for (const tool of tools) {
    const path = join(draft, tool);
    await flush(path);
    binaries[tool] = recordOf(await digestOf(path), await stat(path, { bigint: true }));
  }
  const record = { ...facts, binaries };
  await writeRecord(draft, record);
  await mkdir(dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  return record;
}

/** A power cut must not leave a recorded binary full of zeros. */
async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

/** Bytes that may still be written at a path. */
export async function freeBytes(path: string): Promise<number> {
  const figures = await statfs(path);
  return figures.bavail * figures.bsize;
}
