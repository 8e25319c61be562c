import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { bundleService } from './bundle.ts';
import type { ImageFile, ImageLayer } from './definition.ts';
import type { TarEntry } from './tar.ts';

/** A layer whose files were looked at: ready to be packed, with a key that changes when any of them does. */
interface ResolvedLayer {
  readonly id: string;
  readonly entries: readonly TarEntry[];
  /** Digest over paths, modes and identities of contents; equal keys mean equal tars. */
  readonly key: string;
}

interface ResolvedFile {
  readonly entry: TarEntry;
  /** What makes the content the same one as before, without reading it. */
  readonly identity: string;
}

const FILE_CHUNK_BYTES = 1 << 20;

/**
 * Looks at every file of a layer; folders on the way are added, order is by path.
 * @param store The folder in which programs that became one file are kept
 */
export async function resolveLayer(layer: ImageLayer, store: string): Promise<ResolvedLayer> {
  const files = new Map<string, ResolvedFile>();
  for (const resolved of await Promise.all(layer.files.map((file) => resolveFile(layer.id, file, store)))) {
    if (files.has(resolved.entry.path)) {
      throw new FiredrillError(
        'images.duplicate-path',
        `layer ${layer.id} has /${resolved.entry.path} twice`,
      );
    }
    files.set(resolved.entry.path, resolved);
  }
  for (const { entry } of [...files.values()]) addParents(layer.id, entry.path, files);
  const sorted = [...files.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  const key = createHash('sha256');
  for (const { entry, identity } of sorted) {
    key.update(JSON.stringify([entry.kind, entry.path, entry.kind === 'link' ? 0 : entry.mode, identity]));
  }
  return { id: layer.id, entries: sorted.map(({ entry }) => entry), key: key.digest('hex') };
}

async function resolveFile(layerId: string, file: ImageFile, store: string): Promise<ResolvedFile> {
  const path = relativePath(layerId, file.path);
  const from = file.from;
  if ('directory' in from) {
    return { entry: { kind: 'directory', path, mode: file.mode ?? 0o755 }, identity: '' };
  }
  if ('link' in from) return { entry: { kind: 'link', path, target: from.link }, identity: from.link };
  if ('bytes' in from || 'service' in from) {
    const bytes = 'bytes' in from ? from.bytes : bundleService(from.service, store);
    return {
      entry: {
        kind: 'file',
        path,
        mode: file.mode ?? 0o644,
        sizeBytes: bytes.byteLength,
        content: () => [bytes],
      },
      identity: createHash('sha256').update(bytes).digest('hex'),
    };
  }
  const source = from.file;
  const facts = await stat(source, { bigint: true }).catch((cause: unknown) => {
    throw new FiredrillError(
      'images.source-missing',
      `layer ${layerId} needs ${source}, which cannot be read`,
      { cause },
    );
  });
  if (!facts.isFile()) {
    throw new FiredrillError(
      'images.source-missing',
      `layer ${layerId} needs ${source}, which is not a file`,
    );
  }
  const executable = (facts.mode & 0o100n) !== 0n;
  return {
    entry: {
      kind: 'file',
      path,
      mode: file.mode ?? (executable ? 0o755 : 0o644),
      sizeBytes: Number(facts.size),
      content: () => createReadStream(source, { highWaterMark: FILE_CHUNK_BYTES }),
    },
    identity: `${source} ${facts.dev} ${facts.ino} ${facts.size} ${facts.mtimeNs}`,
  };
}

function relativePath(layerId: string, path: string): string {
  if (!path.startsWith('/') || path === '/' || posix.normalize(path) !== path || path.endsWith('/')) {
    throw new FiredrillError(
      'images.bad-path',
      `layer ${layerId} has the path ${JSON.stringify(path)}; paths are absolute and normal`,
    );
  }
  return path.slice(1);
}

function addParents(layerId: string, path: string, files: Map<string, ResolvedFile>): void {
  for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
    const known = files.get(parent);
    if (known === undefined) {
      files.set(parent, { entry: { kind: 'directory', path: parent, mode: 0o755 }, identity: '' });
    } else if (known.entry.kind !== 'directory') {
      throw new FiredrillError(
        'images.bad-path',
        `layer ${layerId}: /${parent} is a ${known.entry.kind}, /${path} lies in it`,
      );
    }
  }
}
