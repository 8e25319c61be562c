import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { ignoreMissing } from '../../harness/core/file-errors.ts';
import { cacheRoot } from '../toolchain/settings.ts';

/** Content on disk, named by its digest. */
export interface Blob {
  /** `sha256:...` */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly file: string;
}

/** Where images are kept for this user. */
export function imageCacheDirectory(env: NodeJS.ProcessEnv): string {
  return join(cacheRoot(env), 'images');
}

/**
 * A folder of content-addressed files. Each file is written beside its place, flushed to its name by one rename, and
 * never changed, so that any number of processes may use the folder at once and a killed one leaves only a stray
 * temporary file.
 */
export class BlobStore {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  pathOf(digest: string): string {
    return join(this.directory, 'blobs', 'sha256', digest.replace('sha256:', ''));
  }

  /** Stores chunks; their digest and size come back. */
  async put(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Blob> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const temporary = await this.#writeTemporary(chunks, undefined, (chunk) => {
      hash.update(chunk);
      sizeBytes += chunk.byteLength;
    });
    const digest = `sha256:${hash.digest('hex')}`;
    const file = this.pathOf(digest);
    await mkdir(dirname(file), { recursive: true });
    await rename(temporary, file);
    return { digest, sizeBytes, file };
  }

  /** Writes a file of another name (an archive, a note) in the same atomic way; returns its path. */
  async putNamed(
    name: string,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<string> {
    const temporary = await this.#writeTemporary(chunks, signal, () => undefined);
    const file = join(this.directory, name);
    await mkdir(dirname(file), { recursive: true });
    await rename(temporary, file);
    return file;
  }

  /** The blob that was stored for `key` before, if it is still whole. */
  async recall(key: string): Promise<Blob | undefined> {
    const note = await readNote(join(this.directory, 'keys', `${key}.json`));
    if (note === undefined) return undefined;
    const file = this.pathOf(note.digest);
    return (await useIfWhole(file, note.sizeBytes)) ? { ...note, file } : undefined;
  }

  /** Notes that `key` stands for this blob. */
  async remember(key: string, blob: Blob): Promise<void> {
    const note = JSON.stringify({ digest: blob.digest, sizeBytes: blob.sizeBytes });
    await this.putNamed(join('keys', `${key}.json`), [Buffer.from(note)]);
  }

  async #writeTemporary(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    signal: AbortSignal | undefined,
    onChunk: (chunk: Uint8Array) => void,
  ): Promise<string> {
    const folder = join(this.directory, 'tmp');
    await mkdir(folder, { recursive: true });
    const temporary = join(folder, `${process.pid}-${randomBytes(6).toString('hex')}`);
    const out = createWriteStream(temporary, { flags: 'wx' });
    // A failed write shows up at `finished`; without a listener it would end the process before that.
    const closed = finished(out);
    closed.catch(() => undefined);
    try {
      for await (const chunk of chunks) {
        signal?.throwIfAborted();
        onChunk(chunk);
        if (!out.write(chunk)) await Promise.race([once(out, 'drain'), closed]);
      }
      out.end();
      await closed;
      return temporary;
    } catch (error) {
      out.destroy();
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

async function readNote(file: string): Promise<{ digest: string; sizeBytes: number } | undefined> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing);
  if (text === undefined) return undefined;
  const note: unknown = JSON.parse(text);
  if (typeof note !== 'object' || note === null) return undefined;
  const { digest, sizeBytes } = note as Record<string, unknown>;
  return typeof digest === 'string' && typeof sizeBytes === 'number' ? { digest, sizeBytes } : undefined;
}

/** Whether the file is there with this size; then it is marked as used now, which keeps it from being pruned. */
export async function useIfWhole(file: string, sizeBytes: number): Promise<boolean> {
  const facts = await stat(file).catch(ignoreMissing);
  if (facts?.size !== sizeBytes) return false;
  const now = new Date();
  await utimes(file, now, now);
  return true;
}
