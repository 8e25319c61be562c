import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeClient } from '../../infra/kube/client.ts';
import { isKubeError } from '../../infra/kube/errors.ts';
import type { KubeObject } from '../../infra/kube/objects.ts';
import { sharedApiServer, type SharedApiServer } from '../../infra/kube/testing/shared-api-server.ts';
import { LEDGER } from '../cluster/ledger-object.ts';
import { OUT_OF_SERVICE_TAINT, REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { writeEntries } from '../safety/ledger.ts';
import { admitHealer, untilRefused } from '../testing/admitted-guest.ts';

const NAMESPACE = 'firedrill-system';
const RECORD = JSON.stringify({ attempt: 'a-1', phase: 'replaced' });
const TAINT = { key: OUT_OF_SERVICE_TAINT, value: 'nodeshutdown', effect: 'NoExecute' } as const;
const TREATED = {
  attempt: 'a-1',
  node: 'treated',
  uid: 'u',
  pool: '',
  zone: '',
  startedAtMs: 1,
  drains: ['shop'],
};

let server: SharedApiServer;
let admin: KubeClient;
/** With the healer's rights, and held to its limits. */
let healer: KubeClient;

before(async () => {
  server = await sharedApiServer();
  admin = server.client();
  healer = server.client({}, server.guest);
  for (const name of [NAMESPACE, 'shop', 'bank'])
    await admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await admitHealer(admin, healer, NAMESPACE);
});
after(() => server.stop());

async function node(name: string, record?: string): Promise<string> {
  const created: KubeObject = await admin.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { pool: 'a' },
      annotations: {
        'example.org/kept': 'yes',
        ...(record === undefined ? {} : { [REMEDIATION_ANNOTATION]: record }),
      },
    },
    spec: { providerID: `here://${name}`, taints: [{ key: 'example.org/gpu', effect: 'NoSchedule' }] },
  });
  return created.metadata?.uid ?? '';
}

async function pod(namespace: string, name: string, nodeName?: string): Promise<string> {
  const containers = [{ name: 'c', image: 'c' }];
  const spec = { containers, ...(nodeName === undefined ? {} : { nodeName }) };
  const created: KubeObject = await admin.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec,
  });
  return created.metadata?.uid ?? '';
}

const change = (name: string, patch: object) =>
  healer.patch({ apiVersion: 'v1', kind: 'Node', name }, 'merge', patch);
const deleteNode = (name: string, uid?: string) =>
  healer.delete(
    { apiVersion: 'v1', kind: 'Node', name },
    uid === undefined ? {} : { preconditions: { uid } },
  );
const deletePod = (namespace: string, name: string, uid?: string) =>
  healer.deletePod(
    { namespace, name },
    { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { preconditions: { uid } }) },
  );

async function refused(deed: Promise<unknown>, why: RegExp): Promise<void> {
  await assert.rejects(deed, (error: unknown) => {
    assert.ok(isKubeError(error) && error.status === 403, String(error));
    assert.match(error.message, why);
    return true;
  });
}

const annotated = { metadata: { annotations: { [REMEDIATION_ANNOTATION]: RECORD } } };

test('of a Node the healer changes its record, and with it unschedulable and the out-of-service taint, and takes them back', async () => {
  await node('changed');
  // A new Node has a taint of the API server's own.
  const { spec } = await admin.get({ apiVersion: 'v1', kind: 'Node', name: 'changed' });
  const taints = spec?.taints ?? [];
  assert.equal(taints.length, 2);
  await refused(change('changed', { spec: { taints: [...taints, TAINT] } }), /only with its record/);
  await change('changed', { ...annotated, spec: { unschedulable: true, taints: [...taints, TAINT] } });
  await change('changed', {
    metadata: { annotations: { [REMEDIATION_ANNOTATION]: null } },
    spec: { unschedulable: null, taints },
  });
});

for (const [what, patch, why] of [
  ['a label', { metadata: { labels: { pool: 'b' } } }, /metadata/],
  ['a new label', { metadata: { labels: { more: 'b' } } }, /metadata/],
  ["somebody's annotation", { metadata: { annotations: { 'example.org/kept': 'no' } } }, /metadata/],
  ['an annotation away', { metadata: { annotations: { 'example.org/kept': null } } }, /metadata/],
  ['a new annotation', { metadata: { annotations: { 'example.org/new': 'x' } } }, /metadata/],
  ['finalizers', { metadata: { finalizers: ['example.org/hold'] } }, /metadata/],
  [
    'owners',
    { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'x' }] } },
    /metadata/,
  ],
  ["somebody's taint away", { spec: { taints: [] } }, /spec/],
  [
    'taints by others in place of theirs',
    { ...annotated, spec: { taints: [{ key: 'other', effect: 'NoExecute' }] } },
    /spec/,
  ],
  ['its addresses', { ...annotated, spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'] } }, /spec/],
  ['a cordon without a record', { spec: { unschedulable: true } }, /record/],
] as const) {
  test(`a Node is not changed by the healer: ${what}`, async () => {
    const name = `kept-${what.replaceAll(/[^a-z]+/g, '-')}`;
    await node(name);
    await refused(change(name, patch), why);
  });
}

test('a Node is deleted by its UID, with its record in the last phase, and in no other way', async () => {
  await refused(deleteNode('bare', await node('bare')), /"replaced"/);
  const fencing = await node('fencing', JSON.stringify({ attempt: 'a-1', phase: 'fencing' }));
  await refused(deleteNode('fencing', fencing), /"replaced"/);
  const uid = await node('replaced', RECORD);
  await refused(deleteNode('replaced'), /by its UID/);
  await deleteNode('replaced', uid);
});

test('a ledger that is missing keeps nobody from deleting pods: the healer needs the UID all the same', async () => {
  await node('treated');
  const uid = await pod('shop', 'early', 'treated');
  await refused(deletePod('shop', 'early'), /by its UID/);
  await deletePod('shop', 'early', uid);
  await pod('shop', 'others', 'treated');
  await admin.deletePod({ namespace: 'shop', name: 'others' }, { gracePeriodSeconds: 0 });
});

test('with a ledger, pods are deleted on treated nodes and evicted in named namespaces, by their UID', async () => {
  const ledger = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: LEDGER, namespace: NAMESPACE },
  } as const;
  await admin.create({
    ...ledger,
    data: {
      ...writeEntries([
        TREATED,
        { ...TREATED, attempt: 'a-0', node: 'calm', drains: ['bank'], endedAtMs: 2 },
      ]),
    },
  });
  const uid = await pod('shop', 'web', 'treated');
  const calm = await pod('shop', 'calm', 'calm');
  const unbound = await pod('shop', 'unbound');
  await pod('bank', 'safe', 'treated');
  // Until the API server has read the ledger, it is missing, and allows it.
  await untilRefused(() =>
    healer.request({
      method: 'DELETE',
      path: '/api/v1/namespaces/shop/pods/calm',
      query: { dryRun: 'All' },
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: calm } },
    }),
  );
  await healer.evict({ namespace: 'shop', name: 'calm' }, {});
  await refused(healer.evict({ namespace: 'bank', name: 'safe' }, {}), /namespaces that its ledger names/);
  await refused(deletePod('shop', 'calm', calm), /under treatment/);
  await refused(deletePod('shop', 'unbound', unbound), /under treatment/);
  await refused(deletePod('shop', 'web'), /by its UID/);
  await deletePod('shop', 'web', uid);
});

test('nobody else is asked: an administrator does all of it', async () => {
  await node('free');
  await admin.patch({ apiVersion: 'v1', kind: 'Node', name: 'free' }, 'merge', {
    metadata: { labels: { pool: 'z' } },
  });
  await admin.delete({ apiVersion: 'v1', kind: 'Node', name: 'free' });
});
