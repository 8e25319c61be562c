import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { BlobStore, useIfWhole, type Blob } from './blob-store.ts';
import type { BuiltImage, ImageDefinition, ImageLayer } from './definition.ts';
import { resolveLayer } from './layer.ts';
import { archiveEntries, type StoredImage } from './oci-archive.ts';
import { pruneStore } from './prune-store.ts';
import { tarChunks, tarSizeBytes, type TarEntry } from './tar.ts';

interface BuildOptions {
  readonly signal?: AbortSignal;
}

const TAG_LENGTH = 16;
/**
 * Layers that this process is packing now, by folder and key: Node's layer is packed once for all images. Shared, so no
 * caller's signal stops it; it takes less than a second.
 */
const packing = new Map<string, Promise<Blob>>();

/** Builds one image into an archive of its own; see `buildImages`. */
export async function buildImage(
  definition: ImageDefinition,
  directory: string,
  options: BuildOptions = {},
): Promise<BuiltImage> {
  const [image] = await buildImages([definition], directory, options);
  if (image === undefined)
    throw new FiredrillError('images.nothing-built', `${definition.name} was not built`);
  return image;
}

/**
 * Builds images into one OCI archive that holds each layer once, in the order of the definitions. The bytes, and so
 * the tags, are a function of the definitions and the content of their files. What was built before comes from the
 * cache.
 *
 * @param directory Where blobs, bundles and archives are kept
 */
export async function buildImages(
  definitions: readonly ImageDefinition[],
  directory: string,
  options: BuildOptions = {},
): Promise<readonly BuiltImage[]> {
  const store = new BlobStore(directory);
  const images: StoredImage[] = [];
  for (const definition of definitions) images.push(await storeImage(definition, store, options.signal));
  const archive = await storeArchive(archiveEntries(images), store, options.signal);
  return images.map((image) => ({
    reference: image.reference,
    digest: image.manifest.digest,
    archive,
  }));
}

async function storeImage(
  definition: ImageDefinition,
  store: BlobStore,
  signal: AbortSignal | undefined,
): Promise<StoredImage> {
  signal?.throwIfAborted();
  assertName(definition.name);
  const layers = await Promise.all(definition.layers.map((layer) => storeLayer(layer, store)));
  const config = await store.put([json(configOf(definition, layers))]);
  const manifest = await store.put([json(manifestOf(config, layers))]);
  const tag = manifest.digest.slice('sha256:'.length, 'sha256:'.length + TAG_LENGTH);
  return { reference: `${definition.name}:${tag}`, manifest, config, layers };
}

async function storeLayer(layer: ImageLayer, store: BlobStore): Promise<Blob> {
  const resolved = await resolveLayer(layer, store.directory);
  const known = await store.recall(resolved.key);
  if (known !== undefined) return known;
  const place = `${store.directory}\0${resolved.key}`;
  let work = packing.get(place);
  if (work === undefined) {
    work = store
      .put(tarChunks(resolved.entries))
      .then(async (blob) => {
        await store.remember(resolved.key, blob);
        return blob;
      })
      .finally(() => packing.delete(place));
    packing.set(place, work);
  }
  return work;
}

/** The archive is named by what is in it, so that the same images are written once. */
async function storeArchive(
  entries: readonly TarEntry[],
  store: BlobStore,
  signal: AbortSignal | undefined,
): Promise<string> {
  const members = createHash('sha256');
  for (const entry of entries) {
    members.update(`${entry.path}\n`);
    // Blobs are named by their content already.
    if (entry.kind !== 'file' || entry.path.startsWith('blobs/')) continue;
    for await (const chunk of entry.content()) members.update(chunk);
  }
  const name = join('archives', `${members.digest('hex').slice(0, 32)}.tar`);
  const file = join(store.directory, name);
  if (await useIfWhole(file, tarSizeBytes(entries))) return file;
  await store.putNamed(name, tarChunks(entries), signal);
  await pruneStore(store.directory, Date.now());
  return file;
}

function configOf(definition: ImageDefinition, layers: readonly Blob[]): unknown {
  return {
    created: '1970-01-01T00:00:00Z',
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Entrypoint: definition.entrypoint,
      ...(definition.env === undefined
        ? {}
        : { Env: Object.entries(definition.env).map(([name, value]) => `${name}=${value}`) }),
      ...given({ WorkingDir: definition.workingDir, User: definition.user }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: definition.layers.map((layer) => ({ created: '1970-01-01T00:00:00Z', created_by: layer.id })),
  };
}

function manifestOf(config: Blob, layers: readonly Blob[]): unknown {
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: config.digest,
      size: config.sizeBytes,
    },
    layers: layers.map((layer) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      digest: layer.digest,
      size: layer.sizeBytes,
    })),
  };
}

function assertName(name: string): void {
  if (/^[a-z0-9]+([.-][a-z0-9]+)*(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/.test(name)) return;
  throw new FiredrillError('images.bad-name', `${JSON.stringify(name)} is not an image name without a tag`, {
    hint: 'for example firedrill.local/healer',
  });
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
