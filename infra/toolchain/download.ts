import { chmod, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { ignoreMissing } from '../../harness/core/file-errors.ts';
import { execute } from '../process/run.ts';
import { addressOf, fillIn } from './address.ts';
import type { Bundle, Release, ReleaseFile } from './component.ts';
import { digestOf } from './digest.ts';
import { publishedChecksum } from './published-checksum.ts';
import { withoutSecrets } from './release-host.ts';
import type { Settings } from './settings.ts';
import { transfer } from './transfer.ts';

/** Several times the largest file that a publisher of ours releases. */
const MOST_BYTES = 1024 ** 3;

interface DownloadRequest {
  readonly bundle: Bundle;
  readonly files: readonly ReleaseFile[];
  readonly settings: Settings;
  /** An empty folder of ours on the cache's file system. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
  /** Of all files together; the total is not known before each has answered. */
  readonly onBytes: (received: number, total: number | undefined) => void;
  readonly stallLimitMs?: number | undefined;
}

interface Downloaded {
  /** The folder that holds the binaries. */
  readonly output: string;
  /** What each tool came out of. */
  readonly releases: Readonly<Record<string, Release>>;
}

/**
 * Downloads a bundle's release files, all at once, verifies each and takes the tools out.
 *
 * @throws FiredrillError `toolchain.download-failed`, `toolchain.checksum-mismatch`, `toolchain.archive-incomplete`
 */
export async function download(request: DownloadRequest): Promise<Downloaded> {
  const output = join(request.scratch, 'bin');
  await mkdir(output);
  const { files, signal, onBytes } = request;
  const stop = new AbortController();
  const common = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const sizes = files.map(() => ({ received: 0, total: NaN }));
  const releases: Record<string, Release> = {};
  const taking = files.map(async (file, index) => {
    const count = (received: number, total = NaN): void => {
      sizes[index] = { received, total };
      const all = sizes.reduce((sum, size) => sum + size.total, 0);
      onBytes(
        sizes.reduce((sum, size) => sum + size.received, 0),
        Number.isNaN(all) ? undefined : all,
      );
    };
    try {
      const release = await take(file, output, { ...request, signal: common, onBytes: count });
      for (const tool of toolsIn(file)) releases[tool] = release;
    } catch (error) {
      // One that fails stops the others, and all are waited for, so that nothing of ours runs on after the error.
      stop.abort(error);
    }
  });
  await Promise.all(taking);
  common.throwIfAborted();
  return { output, releases };
}

/** The tools that come out of a release file. */
export function toolsIn({ holds }: ReleaseFile): readonly string[] {
  return typeof holds === 'string' ? [holds] : Object.keys(holds);
}

async function take(file: ReleaseFile, output: string, request: DownloadRequest): Promise<Release> {
  const { bundle, settings, signal, onBytes, stallLimitMs } = request;
  const { environment } = settings;
  const url = addressOf(file.url, bundle, settings);
  const pinned = file.checksums[settings.architecture];
  const checksum =
    pinned ??
    (await publishedChecksum(
      addressOf(file.checksumUrl ?? '', bundle, settings),
      basename(fillIn(file.url, bundle, settings.architecture)),
      environment,
      signal,
    ));
  const folder = join(settings.cacheFolder, 'partial');
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `${checksum.slice(0, 40)}.${toolsIn(file)[0] ?? ''}`);
  const resumed = ((await stat(partial).catch(ignoreMissing))?.size ?? 0) > 0;
  const fetchAndVerify = async (): Promise<void> => {
    await transfer({ url, partial, environment, signal, onBytes, mostBytes: MOST_BYTES, stallLimitMs });
    await verify(url, partial, checksum, pinned !== undefined);
  };
  try {
    await fetchAndVerify();
  } catch (error) {
    if (!resumed || !(error instanceof FiredrillError) || error.code !== 'toolchain.checksum-mismatch')
      throw error;
    // What an earlier run had left may have been the damaged part, so the whole file gets one more chance.
    await fetchAndVerify();
  }
  try {
    await unpack(file, partial, output, request);
  } finally {
    await rm(partial, { force: true });
  }
  return {
    url: withoutSecrets(url),
    digest: `sha256:${checksum}`,
    verifiedBy: pinned === undefined ? 'publisher' : 'table',
  };
}

async function verify(url: string, path: string, checksum: string, isPinned: boolean): Promise<void> {
  const actual = await digestOf(path);
  if (actual === checksum) return;
  await rm(path, { force: true });
  throw new FiredrillError(
    'toolchain.checksum-mismatch',
    `${withoutSecrets(url)} has the SHA-256 ${actual}, but ${checksum} ${isPinned ? 'is pinned' : 'stands in its publisher’s list'}; the file was deleted`,
    {
      hint: 'Somebody changed the file on its way or at its source. FIREDRILL_TOOLCHAIN=build builds it from pinned modules instead.',
    },
  );
}

/** Takes the tools of a verified file to where the bundle's tools are gathered. */
async function unpack(
  { url, holds }: ReleaseFile,
  path: string,
  output: string,
  { bundle, settings: { architecture, environment }, scratch, signal }: DownloadRequest,
): Promise<void> {
  const incomplete = (why: string): FiredrillError =>
    new FiredrillError(
      'toolchain.archive-incomplete',
      `${basename(fillIn(url, bundle, architecture))} is what its publisher released, but could not be unpacked: ${why}`,
      { hint: 'FIREDRILL_TOOLCHAIN=build builds it instead.' },
    );
  const place = async (from: string, tool: string): Promise<void> => {
    if (!(await lstat(from)).isFile()) throw incomplete(`${tool} is no file in it`);
    await chmod(from, 0o755);
    await rename(from, join(output, tool));
  };
  if (typeof holds === 'string') return place(path, holds);
  const members = Object.entries(holds).map(
    ([tool, member]) => [tool, fillIn(member, bundle, architecture)] as const,
  );
  const { code, errors } = await execute(
    'tar',
    ['-xzf', path, '-C', scratch, '--no-same-owner', '--', ...members.map(([, member]) => member)],
    { env: environment, signal, group: true },
  );
  if (code !== 0) throw incomplete(errors.trim());
  for (const [tool, member] of members) await place(join(scratch, member), tool);
}
