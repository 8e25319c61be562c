import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../infra/kube/errors.ts';
import type { KubeRequest } from '../../infra/kube/transport.ts';
import { recordingKube } from '../testing/recording-kube.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { complete, ConflictError } from './call.ts';
import { clusterApi, type ClusterApi } from './cluster-api.ts';
import { createEvent } from './events.ts';
import { conditionOf, type ConfigMapObject } from './objects.ts';
import { listHealerPods } from './pods.ts';

const { signal } = new AbortController();
const OWN = 'firedrill-system';
const pod = { namespace: 'shop', name: 'web-1', uid: 'uid' };
const patch = [
  { op: 'test', path: '/metadata/uid', value: 'uid' },
  { op: 'test', path: '/metadata/resourceVersion', value: '7' },
  { op: 'add', path: '/spec/unschedulable', value: true },
] as const;

function apiThat(says?: (request: KubeRequest) => unknown) {
  const { kube, requests } = recordingKube(OWN, new SimClock(), says);
  return { kube, requests, api: clusterApi(kube, OWN) };
}

/** What is sent for a call, without what is sent of each. */
async function sent(made: (of: ReturnType<typeof apiThat>) => Promise<unknown>): Promise<readonly unknown[]> {
  const of = apiThat();
  await made(of);
  return of.requests.map(({ method, path, query, body, contentType, timeoutMs, signal: sentSignal }) => {
    assert.equal(timeoutMs, 2000, `${method} ${path} waits two seconds at most`);
    assert.equal(sentSignal, signal, `${method} ${path} ends with its work`);
    const asked = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
    const text = asked.map(([name, value]) => ` ${name}=${String(value)}`).join('');
    const plain: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
    return [`${method} ${path}${text}`, plain, contentType].filter((part) => part !== undefined);
  });
}

const deletion = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'uid' } };
const evictionOf = { namespace: 'shop', name: 'web-1' };
const CALLS: Readonly<
  Record<string, readonly [(of: ReturnType<typeof apiThat>) => Promise<unknown>, unknown[]]>
> = {
  'a node is read from the server, not from its cache': [
    async ({ api }) => await api.readNode('n1', signal),
    [['GET /api/v1/nodes/n1']],
  ],
  'a lease is read from the server, not from its cache': [
    async ({ api }) => await api.readNodeLease('n1', signal),
    [['GET /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1']],
  ],
  'a node is patched by steps that test what they rest on': [
    async ({ api }) => await api.patchNode('n1', patch, signal),
    [['PATCH /api/v1/nodes/n1', [...patch], 'application/json-patch+json']],
  ],
  'a node is deleted by its UID': [
    async ({ api }) => await api.deleteNode('n1', 'uid', signal),
    [['DELETE /api/v1/nodes/n1', deletion]],
  ],
  'the pods of one node are listed from the server, not from its cache': [
    async ({ api }) => await api.listPodsOnNode('n1', signal),
    [['GET /api/v1/pods fieldSelector=spec.nodeName=n1 limit=500']],
  ],
  'a pod of a fenced node is deleted by its UID and without a grace that nobody would see': [
    async ({ api }) => await api.deletePod(pod, 0, signal),
    [['DELETE /api/v1/namespaces/shop/pods/web-1', { ...deletion, gracePeriodSeconds: 0 }]],
  ],
  'a pod is evicted by its UID, which is compared before': [
    async ({ api }) => await api.evictPod(pod, signal),
    [
      ['GET /api/v1/namespaces/shop/pods/web-1'],
      [
        'POST /api/v1/namespaces/shop/pods/web-1/eviction',
        {
          ...{ apiVersion: 'policy/v1', kind: 'Eviction', metadata: evictionOf },
          deleteOptions: { preconditions: { uid: 'uid' } },
        },
      ],
    ],
  ],
  'the pods with certain labels are counted from the cache of the server': [
    async ({ api }) => await api.listPodsIn('shop', 'app=web', signal),
    [['GET /api/v1/namespaces/shop/pods labelSelector=app=web limit=500 resourceVersion=0']],
  ],
  'the healers are counted from the cache of the server': [
    async ({ kube }) => await listHealerPods(kube, OWN, signal),
    [
      [
        `GET /api/v1/namespaces/${OWN}/pods labelSelector=app.kubernetes.io/name in (firedrill-healer,firedrill-healer-witness) limit=500 resourceVersion=0`,
      ],
    ],
  ],
};

for (const [claim, [made, requests]] of Object.entries(CALLS))
  test(claim, async () => assert.deepEqual(await sent(made), requests));

test('an Event says which healer tells it', async () => {
  const regarding = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'uid' };
  const event = { type: 'Normal', reason: 'Cordon', action: 'Cordon', note: 'silent', regarding } as const;
  const [[, body]] = (await sent(async ({ kube }) => await createEvent(kube, 'healer-a', event, signal))) as [
    [string, Record<string, unknown>],
  ];
  const { reportingController, reportingInstance, reason, note } = body;
  assert.deepEqual(
    { reportingController, reportingInstance, reason, note, regarding: body['regarding'] },
    {
      reportingController: 'firedrill.dev/healer',
      reportingInstance: 'healer-a',
      reason: 'Cordon',
      note: 'silent',
      regarding,
    },
  );
});

test('the ledger is made where there is none, and else replaced only as what was read', async () => {
  const of = apiThat();
  assert.equal(await of.api.readLedger(signal), undefined);
  const made = await of.api.writeLedger(undefined, { entries: 'first' }, signal);
  const before = { ...made, metadata: { ...made.metadata, uid: 'uid', resourceVersion: '7' } };
  await of.api.writeLedger(before, { entries: 'second' }, signal);
  assert.deepEqual((await of.api.readLedger(signal))?.data?.['entries'], 'second');
  const writes = of.requests.filter(({ method }) => method !== 'GET');
  const name = { name: 'firedrill-healer-ledger', namespace: OWN };
  assert.deepEqual(
    writes.map(({ method, path, timeoutMs, body }) => {
      const { metadata, data } = body as ConfigMapObject;
      return [method, path, timeoutMs, metadata, data?.['entries']];
    }),
    [
      ['POST', `/api/v1/namespaces/${OWN}/configmaps`, 2000, name, 'first'],
      [
        ...['PUT', `/api/v1/namespaces/${OWN}/configmaps/${name.name}`, 2000],
        ...[{ ...name, uid: 'uid', resourceVersion: '7' }, 'second'],
      ],
    ],
  );
});

test('a ledger that another process has written meanwhile is a conflict', async () => {
  const before = { metadata: { name: 'ledger', uid: 'uid', resourceVersion: '7' } };
  for (const read of [before, undefined])
    await assert.rejects(refusing(409).writeLedger(read, {}, signal), {
      code: 'healer.conflict',
      message: 'ConfigMap firedrill-healer-ledger changed in between',
    });
  await assert.rejects(refusing(403).writeLedger(before, {}, signal), { code: 'kube.forbidden' });
});

test('a condition that an object has not is undefined', () => {
  const conditions = [{ type: 'Ready', status: 'False' }];
  assert.equal(conditionOf({ status: { conditions } }, 'Ready'), 'False');
  for (const object of [{}, { status: {} }, { status: { conditions } }])
    assert.equal(conditionOf(object, 'Other'), undefined);
});

/** An API server that refuses writes with this status, and has the node in this version. */
function refusing(status: number, version = '7'): ClusterApi {
  const node = { metadata: { name: 'n1', uid: 'uid', resourceVersion: version } };
  return apiThat(({ method, path }) => {
    if (method === 'GET' && version === '') throw refusal(method, path, 404, 'not found');
    if (method === 'GET') return node;
    throw refusal(method, path, status, 'no');
  }).api;
}

test('409, and 422 where a test of the patch does not hold, are conflicts; 422 of an admission that denies for good is none', async () => {
  const outcomes: Readonly<Record<string, readonly [ClusterApi, string]>> = {
    '409': [refusing(409), 'healer.conflict'],
    '422, the node is as it was': [refusing(422), 'kube.invalid'],
    '422, another version': [refusing(422, '8'), 'healer.conflict'],
    '422, the node is gone': [refusing(422, ''), 'healer.conflict'],
    '500': [refusing(500, '8'), 'kube.http-500'],
  };
  for (const [what, [api, code]] of Object.entries(outcomes))
    await assert.rejects(api.patchNode('n1', patch, signal), { code }, what);
});

test('a conflict names itself and what changed, and keeps the refusal', async () => {
  const error = await refusing(409)
    .patchNode('n1', patch, signal)
    .catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ConflictError);
  assert.equal(error.name, 'ConflictError');
  assert.equal(error.message, 'Node n1 changed in between');
  assert.equal((error.cause as { status: number }).status, 409);
});

test('a patch that tests no version is refused for good by any 422', async () => {
  const api = apiThat(({ method, path }) => {
    if (method === 'GET') throw refusal(method, path, 404, 'not found');
    throw refusal(method, path, 422, 'no');
  }).api;
  await assert.rejects(api.patchNode('n1', [], signal), { code: 'kube.invalid' });
});

test('a node that is gone counts as deleted, another of its name is a conflict, and a refusal is an error', async () => {
  await refusing(404).deleteNode('n1', 'uid', signal);
  await assert.rejects(refusing(409).deleteNode('n1', 'uid', signal), { code: 'healer.conflict' });
  await assert.rejects(refusing(422).deleteNode('n1', 'uid', signal), { code: 'kube.invalid' });
  await assert.rejects(refusing(403).deleteNode('n1', 'uid', signal), { code: 'kube.forbidden' });
});

test('a pod that is gone, or whose name another one has, counts as deleted; a refusal is an error', async () => {
  for (const status of [404, 409]) await refusing(status).deletePod(pod, 0, signal);
  await assert.rejects(refusing(403).deletePod(pod, 0, signal), { code: 'kube.forbidden' });
  const broken = apiThat(() => {
    throw new TypeError('a fault of ours');
  }).api;
  await assert.rejects(broken.deletePod(pod, 0, signal), TypeError);
  await assert.rejects(broken.evictPod(pod, signal), TypeError);
});

test('an eviction is done, moot or refused, and everything else is an error', async () => {
  const evicting = async (status: number): Promise<string> =>
    (
      await apiThat(({ method, path }) => {
        if (method === 'POST') throw refusal(method, path, status, 'no');
        return undefined;
      }).api.evictPod(pod, signal)
    ).answer;
  assert.equal((await apiThat().api.evictPod(pod, signal)).answer, 'evicted');
  assert.deepEqual(
    [await evicting(404), await evicting(409), await evicting(429)],
    ['gone', 'gone', 'refused'],
  );
  await assert.rejects(evicting(500), { code: 'kube.http-500' });
  await assert.rejects(evicting(403), { code: 'kube.forbidden' });
});

test('what is not there is undefined, and what is there is whole', async () => {
  const { api } = apiThat();
  assert.equal(await api.readNode('n1', signal), undefined);
  assert.equal(await api.readNodeLease('n1', signal), undefined);
  const whole = { name: 'n1', uid: 'uid', resourceVersion: '1' };
  assert.equal(complete({ metadata: whole }).metadata, whole);
  for (const missing of Object.keys(whole))
    assert.throws(() => complete({ metadata: { ...whole, [missing]: undefined } }), {
      code: 'healer.incomplete-object',
    });
  assert.throws(() => complete({}), { code: 'healer.incomplete-object' });
  const items = [{ metadata: { name: 'web-1', uid: 'uid' } }];
  const torn = apiThat(() => ({ metadata: { resourceVersion: '1' }, items })).api;
  await assert.rejects(torn.listPodsOnNode('n1', signal), { code: 'healer.incomplete-object' });
});
