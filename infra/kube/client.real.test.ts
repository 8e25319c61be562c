import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { performance } from 'node:perf_hooks';
import type { KubeClient } from './client.ts';
import { isAlreadyExists, isConflict, isDenied, isKubeError, isNotFound, isUnreachable } from './errors.ts';
import type { KubeObject, Pod } from './objects.ts';
import { TestApiServer } from './testing/api-server.ts';

let server: TestApiServer;
let kube: KubeClient;

before(async () => {
  server = await TestApiServer.start();
  kube = server.client();
});
after(async () => {
  await server.stop();
});

function pod(name: string, labels: Record<string, string> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, labels },
    spec: { containers: [{ name: 'main', image: 'none' }] },
  };
}
const podRef = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name }) as const;
const podAt = (name: string) => ({ namespace: 'default', name });

test('an object is created, read, changed in every way, listed and deleted', async () => {
  const created = await kube.create(pod('life', { app: 'life' }));
  assert.ok(created.metadata?.uid !== undefined);
  await kube.patch(podRef('life'), 'merge', { metadata: { labels: { a: '1' } } });
  await kube.patch(podRef('life'), 'strategic', { metadata: { labels: { b: '2' } } });
  await kube.patch(podRef('life'), 'json', [{ op: 'add', path: '/metadata/labels/c', value: '3' }]);
  const read = await kube.get(podRef('life'));
  assert.deepEqual(read.metadata?.labels, { app: 'life', a: '1', b: '2', c: '3' });
  await kube.replace({ ...read, status: { phase: 'Running' } }, { subresource: 'status' });
  const { items } = await kube.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'app=life' });
  const facts = items.map(({ kind, status }) => [kind, status?.phase]);
  assert.deepEqual(facts, [['Pod', 'Running']], 'an item of a list knows its kind');
  await kube.deletePod(podAt('life'), { gracePeriodSeconds: 0 });
  assert.equal(await kube.find(podRef('life')), undefined);
});

test('refusals can be told apart', async () => {
  await kube.create(pod('taken'));
  await assert.rejects(kube.create(pod('taken')), isAlreadyExists);
  await assert.rejects(kube.get(podRef('nobody')), isNotFound);
  await assert.rejects(kube.create(pod('Bad_Name')), { code: 'kube.invalid', status: 422 });
  const stale = await kube.get(podRef('taken'));
  await kube.patch(podRef('taken'), 'merge', { metadata: { labels: { changed: 'yes' } } });
  await assert.rejects(kube.replace(stale), isConflict);
  const test = { op: 'test', path: '/metadata/labels/changed', value: 'no' } as const;
  await assert.rejects(kube.patch(podRef('taken'), 'json', [test]), { code: 'kube.invalid' });
  const guest = server.client({}, server.guest);
  await assert.rejects(guest.get(podRef('taken')), (error) => {
    assert.ok(isDenied(error));
    assert.match(error.message, /^GET \/api\/v1\/namespaces\/default\/pods\/taken: 403 .*"guest" cannot get/);
    return true;
  });
});

test('a delete with the UID of another pod is refused with 409', async () => {
  const { metadata } = await kube.create(pod('guarded'));
  const wrong = { uid: '00000000-0000-0000-0000-000000000000' };
  await assert.rejects(kube.deletePod(podAt('guarded'), { preconditions: wrong }), isConflict);
  await assert.rejects(kube.evict(podAt('guarded'), wrong), isConflict);
  await kube.deletePod(podAt('guarded'), {
    preconditions: { uid: metadata?.uid ?? '' },
    gracePeriodSeconds: 0,
  });
  await assert.rejects(kube.get(podRef('guarded')), isNotFound);
});

test('an eviction that the disruption budget refuses is 429, and one that it allows deletes the pod', async () => {
  await kube.create(pod('protected', { app: 'protected' }));
  await kube.replace(
    {
      ...(await kube.get(podRef('protected'))),
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    { subresource: 'status' },
  );
  const budget = await kube.create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { namespace: 'default', name: 'protected', generation: 1 },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'protected' } } },
  });
  const status = {
    expectedPods: 1,
    currentHealthy: 1,
    desiredHealthy: 1,
    disruptionsAllowed: 0,
    observedGeneration: 1,
  };
  const refused = await kube.replace({ ...budget, status }, { subresource: 'status' });
  await assert.rejects(kube.evict(podAt('protected'), { gracePeriodSeconds: 0 }), (error) => {
    assert.ok(isKubeError(error) && error.status === 429);
    assert.match(error.message, /disruption budget/);
    return true;
  });
  await kube.replace({ ...refused, status: { ...status, disruptionsAllowed: 1 } }, { subresource: 'status' });
  const { metadata } = await kube.get(podRef('protected'));
  await kube.evict(podAt('protected'), { uid: metadata?.uid ?? '', gracePeriodSeconds: 0 });
  await assert.rejects(kube.get(podRef('protected')), isNotFound);
});

test('a list of many pages is one snapshot', async () => {
  const names = Array.from({ length: 23 }, (_, index) => `page-${index}`);
  await Promise.all(names.map((name) => kube.create(pod(name, { app: 'pages' }))));
  const selection = {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'default',
    labelSelector: 'app=pages',
  } as const;
  const { items } = await kube.list(selection, { pageSize: 5 });
  assert.equal(new Set(items.map(({ metadata }) => metadata?.uid)).size, 23);
});

test('an event can be read by those who list the events of its object', async () => {
  const node = { apiVersion: 'v1', kind: 'Node' };
  const made: KubeObject = await kube.create({ ...node, metadata: { name: 'worker-1' } });
  const regarding = { ...node, name: 'worker-1', uid: made.metadata?.uid ?? '' };
  const who = { reportingController: 'firedrill.dev/healer', reportingInstance: 'healer-0' };
  const note = 'x'.repeat(3000);
  await kube.createEvent({ regarding, type: 'Warning', reason: 'NodeFenced', action: 'Fence', note, ...who });
  const { items } = await kube.list({
    apiVersion: 'v1',
    kind: 'Event',
    fieldSelector: 'involvedObject.kind=Node,involvedObject.name=worker-1',
  });
  assert.equal(items.length, 1);
});

test('a kind that is not in the table is looked up, and one that nobody serves is named', async () => {
  const reviews = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema' } as const;
  assert.ok((await kube.list(reviews)).items.length > 0);
  await assert.rejects(kube.list({ apiVersion: 'apps/v1', kind: 'Nonsense' }), { code: 'kube.unknown-kind' });
});

test('a frozen server costs no more than the time-out, and the error says that a write may have been carried out', async () => {
  const hasty = server.client({ timeoutMs: 300 });
  await hasty.get(podRef('taken'));
  server.freeze();
  try {
    // On the connection that is open already; after that none is, and a write that cannot connect is surely not done.
    await assert.rejects(hasty.create(pod('unsure')), { code: 'kube.timeout', maybeApplied: true });
    await assert.rejects(hasty.create(pod('never')), { code: 'kube.timeout', maybeApplied: false });
    const startMs = performance.now();
    await assert.rejects(hasty.get(podRef('taken')), { code: 'kube.timeout', maybeApplied: false });
    assert.ok(performance.now() - startMs < 600);
    const stop = new AbortController();
    const reading = kube.get(podRef('taken'), { signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(reading, { message: 'enough' });
  } finally {
    server.thaw();
  }
});

test('a killed server is unreachable at once, and after its return the same client goes on', async () => {
  await kube.get(podRef('taken'));
  await server.kill();
  await assert.rejects(kube.get(podRef('taken')), (error) => {
    assert.ok(isUnreachable(error) && isKubeError(error));
    assert.equal(error.code, 'kube.unreachable');
    return true;
  });
  await server.startApiServer();
  assert.equal((await kube.get(podRef('taken'))).metadata?.name, 'taken');
});
