import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../harness/core/errors.ts';
import { freeBytes } from './cache.ts';
import type { Architecture, Bundle, Checksum, Download } from './component.ts';
import { digestOf } from './digest.ts';
import { execute } from '../process/run.ts';

interface DownloadRequest {
  readonly bundle: Bundle;
  readonly architecture: Architecture;
  /** Where unfinished transfers are kept, by checksum, for the next attempt. */
  readonly partialFolder: string;
  /** An empty folder of ours on the cache's file system. */
  readonly scratch: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes: (received: number, total: number | undefined) => void;
}

/** Without a byte for this long, a transfer counts as broken. */
const STALL_LIMIT_MS = 15_000;
const ATTEMPTS = 4;
const RETRY_MS = 100;

/** Fills in the placeholders of an address or path. */
export function fillIn(template: string, bundle: Bundle, architecture: Architecture): string {
  return template.replaceAll('{version}', bundle.version).replaceAll('{arch}', architecture);
}

/**
 * Downloads a bundle's release file and unpacks the tools.
 *
 * A broken transfer goes on where it stopped, here up to four times and in the next run again.
 *
 * @returns The folder that holds the binaries
 * @throws FiredrillError `toolchain.download-failed`, `toolchain.checksum-mismatch`, `toolchain.archive-incomplete`
 */
export async function download(request: DownloadRequest): Promise<string> {
  const { bundle, architecture } = request;
  const release = bundle.download;
  const checksum = release?.checksums[architecture];
  if (!release || !checksum)
    throw new FiredrillError(
      'toolchain.download-unpinned',
      `No checksum is pinned for ${bundle.name} ${bundle.version} on ${architecture}, so it is not downloaded`,
      { hint: 'Let it be built (FIREDRILL_TOOLCHAIN=auto).' },
    );
  const url = fillIn(release.url, bundle, architecture);
  await mkdir(request.partialFolder, { recursive: true });
  const partial = join(request.partialFolder, checksum.hex.slice(0, 40));
  const resumed = await stat(partial).then(
    (stats) => stats.size > 0,
    () => false,
  );
  try {
    await transfer(url, partial, request);
    await verify(url, partial, checksum);
  } catch (error) {
    if (!resumed || !(error instanceof FiredrillError) || error.code !== 'toolchain.checksum-mismatch')
      throw error;
    // What an earlier run had left may have been the damaged part, so the whole file gets one more chance.
    await transfer(url, partial, request);
    await verify(url, partial, checksum);
  }
  const output = await unpack(request, release, partial);
  await rm(partial, { force: true });
  return output;
}

async function transfer(url: string, partial: string, request: DownloadRequest): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await transferOnce(url, partial, request);
      return;
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof FiredrillError || (error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
      if (attempt < ATTEMPTS) {
        await delay(RETRY_MS * attempt, undefined, request.signal ? { signal: request.signal } : {});
        continue;
      }
      throw new FiredrillError('toolchain.download-failed', `${url} broke off ${ATTEMPTS} times`, {
        hint: 'Run the same command again: it goes on where it stopped. FIREDRILL_TOOLCHAIN=build builds instead.',
        cause: error,
      });
    }
  }
}

async function transferOnce(url: string, partial: string, request: DownloadRequest): Promise<void> {
  await using file = await open(partial, 'a');
  let received = (await file.stat()).size;
  const stall = new AbortController();
  using timer = setTimeout(() => stall.abort(new Error(`no byte for ${STALL_LIMIT_MS} ms`)), STALL_LIMIT_MS);
  const response = await fetch(url, {
    headers: {
      'accept-encoding': 'identity',
      ...(received > 0 ? { range: `bytes=${received}-` } : {}),
    },
    signal: request.signal ? AbortSignal.any([request.signal, stall.signal]) : stall.signal,
  });
  // 416: all bytes are here already, or more than there should be; the checksum tells which.
  if (response.status === 416) return;
  if (!response.ok || !response.body) throw refused(url, response.status);
  if (response.status !== 206 && received > 0) {
    await file.truncate(0);
    received = 0;
  }
  const length = Number(response.headers.get('content-length'));
  const total = length > 0 ? received + length : undefined;
  if (total !== undefined) await checkSpace(partial, total - received);
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    timer.refresh();
    await file.write(chunk);
    received += chunk.byteLength;
    request.onBytes(received, total);
  }
  if (total !== undefined && received < total) throw new Error(`${received} of ${total} bytes came`);
}

function refused(url: string, status: number): FiredrillError {
  return new FiredrillError('toolchain.download-failed', `${url} answered ${status}`, {
    hint: 'FIREDRILL_TOOLCHAIN=build builds it instead.',
  });
}

async function checkSpace(path: string, neededBytes: number): Promise<void> {
  const free = await freeBytes(path);
  if (free >= neededBytes) return;
  throw Object.assign(new Error(`${neededBytes} bytes are needed and ${free} are free`), { code: 'ENOSPC' });
}

async function verify(url: string, path: string, checksum: Checksum): Promise<void> {
  const actual = await digestOf(path, checksum.algorithm);
  if (actual === checksum.hex) return;
  await rm(path, { force: true });
  throw new FiredrillError(
    'toolchain.checksum-mismatch',
    `${url} has the ${checksum.algorithm} ${actual}, but ${checksum.hex} is pinned; the file was deleted`,
    {
      hint: 'Somebody changed the file on its way or at its source. FIREDRILL_TOOLCHAIN=build builds it from pinned modules instead.',
    },
  );
}

async function unpack(request: DownloadRequest, release: Download, file: string): Promise<string> {
  const { bundle, architecture, scratch } = request;
  const output = join(scratch, 'bin');
  await mkdir(output);
  const [only] = bundle.tools;
  if (release.format === 'binary' && only !== undefined) {
    await rename(file, join(output, only));
    await chmod(join(output, only), 0o755);
    return output;
  }
  const members = bundle.tools.map((tool) => ({
    tool,
    member: fillIn(release.members?.[tool] ?? tool, bundle, architecture),
  }));
  const result = await execute(
    'tar',
    ['-xzf', file, '-C', scratch, '--no-same-owner', '--', ...members.map(({ member }) => member)],
    { env: request.environment, signal: request.signal, group: true },
  );
  if (result.code !== 0)
    throw new FiredrillError(
      'toolchain.archive-incomplete',
      `The release file of ${bundle.name} ${bundle.version} could not be unpacked: ${result.errors.trim()}`,
    );
  for (const { tool, member } of members) {
    await rename(join(scratch, member), join(output, tool));
    await chmod(join(output, tool), 0o755);
  }
  return output;
}
