import { open, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../harness/core/errors.ts';
import { isOutOfSpace } from '../../harness/core/file-errors.ts';
import { freeBytes } from './cache.ts';
import { askFollowing, failed, withoutSecrets } from './release-host.ts';

interface Transfer {
  readonly url: string;
  /** The file that it goes on in; what is there is kept. */
  readonly partial: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes: (received: number, total: number | undefined) => void;
  /** More than any file there has: a host that sends more, or without end, is cut off. Absent: whatever comes. */
  readonly mostBytes?: number | undefined;
  /** Without a byte for this long, it counts as broken. */
  readonly stallLimitMs?: number | undefined;
  /** Before the next attempt; more of it after each that brought nothing. */
  readonly retryMs?: number | undefined;
}

const STALL_LIMIT_MS = 15_000;
/** So many attempts in a row that bring nothing new are the end. */
const FRUITLESS_MAX = 4;
const RETRY_MS = 100;

/**
 * Fetches a file; one that breaks off goes on where it stopped, as often as that brings it further.
 *
 * @throws FiredrillError `toolchain.download-failed`; the file system's error; the signal's reason
 */
export async function transfer(request: Transfer): Promise<void> {
  const { url, signal, retryMs = RETRY_MS } = request;
  let most = 0;
  for (let fruitless = 0; ;) {
    let received = 0;
    const onBytes: Transfer['onBytes'] = (bytes, total) => {
      received = bytes;
      request.onBytes(bytes, total);
    };
    try {
      await attempt({ ...request, onBytes });
      return;
    } catch (error) {
      signal?.throwIfAborted();
      // What fills a disk, or would, is no part of the file to go on from.
      if (error instanceof TooLarge || isOutOfSpace(error)) await rm(request.partial, { force: true });
      if (error instanceof TooLarge) throw failed(error.message);
      if (error instanceof FiredrillError || isOutOfSpace(error)) throw error;
      fruitless = received > most ? 0 : fruitless + 1;
      most = Math.max(most, received);
      if (fruitless === FRUITLESS_MAX)
        throw failed(
          `${withoutSecrets(url)} broke off at byte ${most}, and ${FRUITLESS_MAX} more attempts brought nothing`,
          error,
        );
      await delay(retryMs * (fruitless + 1), undefined, signal ? { signal } : {});
    }
  }
}

class TooLarge extends Error {}

async function attempt({
  url,
  partial,
  environment,
  signal,
  onBytes,
  mostBytes = Infinity,
  stallLimitMs = STALL_LIMIT_MS,
}: Transfer): Promise<void> {
  await using file = await open(partial, 'a');
  let received = (await file.stat()).size;
  const stall = new AbortController();
  using timer = setTimeout(() => stall.abort(new Error(`no byte for ${stallLimitMs} ms`)), stallLimitMs);
  const answer = await askFollowing(url, {
    headers: { 'accept-encoding': 'identity', ...(received > 0 ? { range: `bytes=${received}-` } : {}) },
    environment,
    signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
  });
  const status = answer.statusCode ?? 0;
  // 416: all bytes are here already, or more than there should be; the checksum tells which.
  if (status !== 200 && status !== 206) {
    answer.destroy();
    if (status === 416) return;
    throw failed(`${withoutSecrets(url)} answered ${status}`);
  }
  if (status === 200 && received > 0) {
    await file.truncate(0);
    received = 0;
  }
  const length = Number(answer.headers['content-length']);
  const total = length > 0 ? received + length : undefined;
  const requireFit = (bytes: number): void => {
    if (bytes <= mostBytes) return;
    answer.destroy();
    throw new TooLarge(
      `${withoutSecrets(url)} sends ${bytes} bytes or more, and no release file has ${mostBytes}`,
    );
  };
  if (total !== undefined) await requireSpace(partial, total - received);
  requireFit(total ?? 0);
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    timer.refresh();
    requireFit(received + chunk.byteLength);
    await file.write(chunk);
    received += chunk.byteLength;
    onBytes(received, total);
  }
}

async function requireSpace(path: string, neededBytes: number): Promise<void> {
  const free = await freeBytes(path);
  if (free >= neededBytes) return;
  throw Object.assign(new Error(`${neededBytes} bytes are needed and ${free} are free`), { code: 'ENOSPC' });
}
