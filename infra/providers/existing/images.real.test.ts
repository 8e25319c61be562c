import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildImages } from '../../images/build-image.ts';
import { pauseImage } from '../../images/index.ts';
import type { KubeClient } from '../../kube/client.ts';
import { sharedApiServer, type SharedApiServer } from '../../kube/testing/shared-api-server.ts';
import { requireImages } from './images.ts';

const IMAGE = pauseImage();
const PRELOADED = { kind: 'preloaded' } as const;
let server: SharedApiServer;
let kube: KubeClient;
let reference: string;

before(async () => {
  server = await sharedApiServer();
  kube = server.client();
  const [built] = await buildImages([IMAGE]);
  reference = built?.reference ?? '';
  for (const name of ['has-it', 'lacks-it'])
    await kube.create({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
  await tellImages('has-it', [reference]);
});
after(async () => {
  await server.stop();
});

async function tellImages(node: string, names: readonly string[]): Promise<void> {
  const status = { images: [{ names: [...names], sizeBytes: 1 }] };
  await kube.mergePatch(
    { apiVersion: 'v1', kind: 'Node', name: node },
    { status },
    { subresource: 'status' },
  );
}

test('where nobody has said where images come from, they are listed with their archives', async () => {
  await assert.rejects(
    requireImages(kube, undefined, [IMAGE]),
    (error: { code: string; message: string }) => {
      assert.equal(error.code, 'existing.images-unknown');
      assert.ok(error.message.includes(`${reference} (in /`), error.message);
      return true;
    },
  );
  await requireImages(kube, { kind: 'registry', prefix: 'registry.example/team' }, [IMAGE]);
});

test('a node that lacks one is named, and one that tells of it a little later is waited for', async () => {
  await requireImages(kube, PRELOADED, [IMAGE], ['has-it']);
  await assert.rejects(requireImages(kube, PRELOADED, [IMAGE], undefined, 0), {
    code: 'existing.images-missing',
    message: `not on the nodes: lacks-it lacks ${reference}`,
  });
  const waited = requireImages(kube, PRELOADED, [IMAGE], undefined, 20_000);
  await tellImages('lacks-it', [reference]);
  await waited;
});
