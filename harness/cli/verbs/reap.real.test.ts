import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { holdLease } from '../../../infra/borrowed/hold.ts';
import { applyAll } from '../../../infra/kube/apply.ts';
import { formatKubeconfig } from '../../../infra/kube/testing/kubeconfig.ts';
import { parseManifests } from '../../../infra/kube/manifests.ts';
import { sharedApiServer, type SharedApiServer } from '../../../infra/kube/testing/shared-api-server.ts';
import { Installation } from '../../stage/installed.ts';
import { reap } from './reap.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

let server: SharedApiServer;
const directory = temporaryDirectory('reap');
const { signal } = new AbortController();

before(async () => {
  server = await sharedApiServer();
  writeFileSync(join(directory, 'config'), formatKubeconfig(server.target, { name: 'staging' }));
});
after(async () => {
  await server.stop();
});

test('what a run has left on a cluster that runs already is taken away, but not while one is in progress', async () => {
  const kube = server.client();
  // The namespace is the owner's: nobody here would empty one of ours.
  const theirs = parseManifests('{ apiVersion: v1, kind: Namespace, metadata: { name: firedrill-system } }');
  await applyAll(kube, theirs, { fieldManager: 'owner' });
  const ours = parseManifests(
    '{ apiVersion: v1, kind: ConfigMap, metadata: { name: left, namespace: default } }',
  );
  const installation = new Installation(kube, signal);
  await applyAll(kube, ours, { fieldManager: 'firedrill', admit: (objects) => installation.admit(objects) });

  let told = '';
  const out = (text: string): void => void (told += text);
  const args = ['--context', 'staging', '--kubeconfig', join(directory, 'config')];
  const context = { env: process.env, out, err: out, signal };
  const hold = await holdLease(server.client(), 'run-1');
  await assert.rejects(reap.run(args, context), { code: 'hold.taken' });
  await hold.release();
  assert.equal(await reap.run(args, context), 0);
  assert.match(told, /ConfigMap default\/left: removed/);
  const left = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'left' } as const;
  assert.equal(await kube.find(left), undefined);
  await reap.run(args, context);
  assert.match(told, /nothing was left behind/);
});
