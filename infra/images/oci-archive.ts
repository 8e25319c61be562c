import { createReadStream } from 'node:fs';
import type { Blob } from './blob-store.ts';
import type { TarEntry } from './tar.ts';

/** An image whose blobs are all on disk. */
export interface StoredImage {
  readonly reference: string;
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

const READ_CHUNK_BYTES = 1 << 20;

/**
 * The members of an OCI image layout that holds these images, each blob once. `manifest.json` is for engines that read only the older docker-archive form.
 */
export function archiveEntries(images: readonly StoredImage[]): readonly TarEntry[] {
  const blobs = new Map<string, Blob>();
  for (const { config, manifest, layers } of images)
    for (const blob of [config, manifest, ...layers]) blobs.set(blob.digest, blob);
  return [
    jsonEntry('oci-layout', { imageLayoutVersion: '1.0.0' }),
    jsonEntry('index.json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: images.map((image) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: image.manifest.digest,
        size: image.manifest.sizeBytes,
        annotations: {
          'io.containerd.image.name': image.reference,
          'org.opencontainers.image.ref.name': image.reference.slice(image.reference.lastIndexOf(':') + 1),
        },
      })),
    }),
    jsonEntry(
      'manifest.json',
      images.map((image) => ({
        Config: blobPath(image.config),
        RepoTags: [image.reference],
        Layers: image.layers.map(blobPath),
      })),
    ),
    { kind: 'directory', path: 'blobs', mode: 0o755 },
    { kind: 'directory', path: 'blobs/sha256', mode: 0o755 },
    ...[...blobs.values()].map(blobEntry),
  ];
}

function blobEntry(blob: Blob): TarEntry {
  return {
    kind: 'file',
    path: blobPath(blob),
    mode: 0o644,
    sizeBytes: blob.sizeBytes,
    content: () => createReadStream(blob.file, { highWaterMark: READ_CHUNK_BYTES }),
  };
}

function jsonEntry(path: string, value: unknown): TarEntry {
  const bytes = Buffer.from(JSON.stringify(value));
  return { kind: 'file', path, mode: 0o644, sizeBytes: bytes.byteLength, content: () => [bytes] };
}

function blobPath(blob: Blob): string {
  return `blobs/${blob.digest.replace(':', '/')}`;
}
