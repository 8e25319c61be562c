import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildImages } from '../../images/build-image.ts';
import { imageCacheDirectory } from '../../images/blob-store.ts';
import type { BuiltImage } from '../../images/definition.ts';
import { pauseImage } from '../../images/pause.ts';
import type { KubeClient } from '../../kube/client.ts';
import { sharedApiServer, type SharedApiServer } from '../../kube/testing/shared-api-server.ts';
import { requireImages } from './images.ts';

const PRELOADED = { kind: 'preloaded' } as const;
let server: SharedApiServer;
let kube: KubeClient;
let built: readonly BuiltImage[];
let reference: string;

before(async () => {
  server = await sharedApiServer();
  kube = server.client();
  built = await buildImages([pauseImage()], imageCacheDirectory(process.env));
  reference = built[0]!.reference;
  for (const name of ['has-it', 'lacks-it'])
    await kube.create({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
  await tellImages('has-it', [reference]);
});
after(async () => {
  await server.stop();
});

async function tellImages(node: string, names: readonly string[]): Promise<void> {
  const status = { images: [{ names: [...names], sizeBytes: 1 }] };
  await kube.patch(
    { apiVersion: 'v1', kind: 'Node', name: node },
    'merge',
    { status },
    { subresource: 'status' },
  );
}

test('where nobody has said where images come from, they are listed with their archives', async () => {
  await assert.rejects(requireImages(kube, undefined, built), (error: { code: string; message: string }) => {
    assert.equal(error.code, 'existing.images-unknown');
    assert.ok(error.message.includes(`${reference} (in /`), error.message);
    return true;
  });
  await requireImages(kube, { kind: 'registry', prefix: 'registry.example/team' }, built);
});

test('a node that lacks one is named, and one that tells of it a little later is waited for', async () => {
  await requireImages(kube, PRELOADED, built, ['has-it']);
  await assert.rejects(requireImages(kube, PRELOADED, built, undefined, 0), {
    code: 'existing.images-missing',
    message: `not on the nodes: lacks-it lacks ${reference}`,
  });
  const waited = requireImages(kube, PRELOADED, built, undefined, 20_000);
  await tellImages('lacks-it', [reference]);
  await waited;
});
