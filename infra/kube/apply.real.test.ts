import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplyError, applyAll, applyOne, deleteAll } from './apply.ts';
import type { KubeClient } from './client.ts';
import { isConflict, isNotFound } from './errors.ts';
import { parseManifests } from './manifests.ts';
import { sharedApiServer, type SharedApiServer } from './testing/shared-api-server.ts';
import { waitDeleted, waitForObject } from './wait.ts';

let server: SharedApiServer;
let kube: KubeClient;
const options = { fieldManager: 'test' };

before(async () => {
  server = await sharedApiServer();
  kube = server.client();
});
after(async () => {
  await server.stop();
});

const MANIFESTS = `
apiVersion: example.dev/v1
kind: Widget
metadata: { name: first, namespace: widgets }
spec: { size: 3 }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: widgets }
data: { colour: red }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.dev }
spec:
  group: example.dev
  scope: Namespaced
  names: { plural: widgets, singular: widget, kind: Widget }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
---
apiVersion: v1
kind: Namespace
metadata: { name: widgets }
`;

test('objects in any order are applied in the order in which they need each other, and again without a change', async () => {
  const manifests = parseManifests(MANIFESTS);
  const results = await applyAll(kube, manifests, options);
  assert.deepEqual(
    results.map(({ ref, outcome }) => `${ref.kind} ${outcome}`),
    ['Namespace created', 'CustomResourceDefinition created', 'ConfigMap created', 'Widget created'],
  );
  const again = await applyAll(kube, manifests, options);
  assert.ok(again.every(({ outcome }) => outcome === 'applied'));
  const versions = (applied: typeof results) => applied.map(({ object }) => object.metadata.resourceVersion);
  assert.deepEqual(versions(again).slice(2), versions(results).slice(2), 'nothing was written anew');
});

test("another manager's field is a conflict that names the field and the manager; force takes it over", async () => {
  const settings = (colour: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owned', namespace: 'default' },
    data: { colour },
  });
  await applyOne(kube, settings('red'), { fieldManager: 'first' });
  await assert.rejects(applyOne(kube, settings('blue'), { fieldManager: 'second' }), (error) => {
    assert.ok(isConflict(error));
    assert.match(error.message, /"first".*\.data\.colour/s);
    assert.equal(error.details?.causes?.[0]?.field, '.data.colour');
    return true;
  });
  await applyOne(kube, settings('blue'), { fieldManager: 'second', force: true });
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'owned' } as const;
  assert.equal((await kube.get(ref)).data?.['colour'], 'blue');
});

test('a failure names its object, the rest of its group is applied, and what comes later is not tried', async () => {
  const bad = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'Not_A_Name', namespace: 'default' } };
  const good = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'good', namespace: 'default' } };
  const later = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'later', namespace: 'default' } };
  await assert.rejects(applyAll(kube, [later, bad, good], options), (error) => {
    assert.ok(error instanceof ApplyError);
    assert.match(error.message, /^1 of 3 objects not applied: ConfigMap default\/Not_A_Name: .*422/);
    assert.deepEqual(
      error.results.map(({ outcome }) => outcome),
      ['failed', 'created', 'skipped'],
    );
    return true;
  });
});

test('deletion goes the other way, takes absent objects as they are, and can wait until they are gone', async () => {
  const manifests = parseManifests(MANIFESTS).filter(({ kind }) => kind !== 'Namespace');
  const first = await deleteAll(kube, manifests, { waitMs: 10_000 });
  assert.deepEqual(
    first.map(({ ref, outcome }) => `${ref.kind} ${outcome}`),
    ['Widget deleted', 'ConfigMap deleted', 'CustomResourceDefinition deleted'],
  );
  const second = await deleteAll(kube, manifests);
  assert.ok(second.every(({ outcome }) => outcome === 'absent'));
});

test('a wait that runs out says what was still missing', async () => {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'never' } as const;
  const wait = waitForObject(kube, ref, (found) => (found === undefined ? 'it does not exist' : true), {
    timeoutMs: 2_000,
  });
  await assert.rejects(wait, {
    code: 'kube.wait-timeout',
    message: 'waited 2 s for Deployment default/never: it does not exist',
  });
});

test('a wait sees the change that it waits for at once', async () => {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'awaited' } as const;
  const waiting = waitForObject(kube, ref, (found) => (found?.data?.['done'] === 'yes' ? true : 'not done'), {
    timeoutMs: 10_000,
  });
  await kube.create({ ...ref, metadata: { namespace: 'default', name: 'awaited' } });
  await kube.patch(ref, 'merge', { data: { done: 'yes' } });
  assert.equal((await waiting)?.data?.['done'], 'yes');
});

test('waiting for a deletion shows the finalizer that holds it up, and ends with it', async () => {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'held' } as const;
  await kube.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name: 'held', finalizers: ['example.dev/keep'] },
  });
  await kube.delete(ref);
  await assert.rejects(
    waitDeleted(kube, ref, { timeoutMs: 2_000 }),
    /waits for its finalizers example\.dev\/keep/,
  );
  const gone = waitDeleted(kube, ref, { timeoutMs: 5000 });
  await kube.patch(ref, 'json', [{ op: 'remove', path: '/metadata/finalizers' }]);
  await gone;
  await assert.rejects(kube.get(ref), isNotFound);
});
