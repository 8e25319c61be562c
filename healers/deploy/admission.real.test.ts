import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deleteAll } from '../../infra/kube/apply.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { isKubeError } from '../../infra/kube/errors.ts';
import type { KubeObject } from '../../infra/kube/objects.ts';
import { sharedApiServer, type SharedApiServer } from '../../infra/kube/testing/shared-api-server.ts';
import { OUT_OF_SERVICE_TAINT, REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { ACCOUNT, accountCalls, type AccountCalls } from '../cluster/own-account.ts';
import {
  admitHealer,
  guestLimits,
  tryDeletion,
  untilAllowed,
  untilRefused,
} from '../testing/admitted-guest.ts';

const NAMESPACE = 'firedrill-system';
const RECORD = JSON.stringify({ attempt: 'a-1', phase: 'replaced' });
const TAINT = { key: OUT_OF_SERVICE_TAINT, value: 'nodeshutdown', effect: 'NoExecute' } as const;
const OWN = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: NAMESPACE, name: ACCOUNT } as const;
const signal = new AbortController().signal;

let server: SharedApiServer;
let admin: KubeClient;
/** With the healer's rights, and held to its limits. */
let healer: KubeClient;
let account: AccountCalls;

before(async () => {
  server = await sharedApiServer();
  admin = server.client();
  healer = server.client({}, server.guest);
  account = accountCalls(healer, NAMESPACE);
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

async function pod(namespace: string, name: string, nodeName?: string): Promise<KubeObject> {
  const containers = [{ name: 'c', image: 'c' }];
  const spec = { containers, ...(nodeName === undefined ? {} : { nodeName }) };
  return await admin.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec });
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

for (const [what, patch] of [
  [
    'a role in a cloud',
    { metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/all' } } },
  ],
  ['an annotation away', { metadata: { annotations: { 'example.org/kept': null } } }],
  ['a label', { metadata: { labels: { pool: 'b' } } }],
  ['finalizers', { metadata: { finalizers: ['example.org/hold'] } }],
  ['owners', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'x' }] } }],
  ['secrets', { secrets: [{ name: 'others' }] }],
  ['imagePullSecrets', { imagePullSecrets: [{ name: 'others' }] }],
  ['its token in pods', { automountServiceAccountToken: false }],
] as const) {
  test(`of its ServiceAccount the healer changes nothing but what it may touch: ${what}`, async () => {
    await admin.patch(OWN, 'merge', { metadata: { annotations: { 'example.org/kept': 'yes' } } });
    await refused(healer.patch(OWN, 'merge', patch), /of its ServiceAccount the healer changes/);
  });
}

test('pods are deleted on treated nodes and evicted in named namespaces, by their UID, while the treatment lasts', async () => {
  const web = await pod('shop', 'web', 'treated');
  const calm = await pod('shop', 'calm', 'calm');
  const unbound = await pod('shop', 'unbound');
  await pod('bank', 'safe', 'treated');
  await refused(tryDeletion(healer, web), /under treatment/);
  // Two treatments at once do not take from each other what they write.
  await Promise.all([
    account.allow({ node: 'treated', uid: 'u-1', namespaces: [] }, signal),
    account.allow({ node: 'other', uid: 'u-2', namespaces: ['shop'] }, signal),
  ]);
  const allowed = (await account.readAllowed(signal)).map(({ uid, namespaces }) => [uid, namespaces]);
  assert.deepEqual(Object.fromEntries(allowed), { 'u-1': [], 'u-2': ['shop'] });
  await untilAllowed(() => tryDeletion(healer, web));
  await healer.evict({ namespace: 'shop', name: 'calm' }, {});
  await refused(healer.evict({ namespace: 'bank', name: 'safe' }, {}), /namespaces that its account names/);
  await refused(tryDeletion(healer, calm), /under treatment/);
  await refused(tryDeletion(healer, unbound), /under treatment/);
  await refused(deletePod('shop', 'web'), /by its UID/);
  await account.disallow('u-1', signal);
  await untilRefused(() => tryDeletion(healer, web));
  const left = [{ node: 'other', uid: 'u-2', namespaces: ['shop'] }];
  assert.deepEqual(await account.readAllowed(signal), left);
});

/** A policy and its binding come to the API server with the others: once it is enforced, all that went before is known. */
async function nextLookAtPolicies(): Promise<void> {
  const group = 'admissionregistration.k8s.io/v1';
  const metadata = { name: 'looked-at' };
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['namespaces'] };
  const policy = {
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: 'object.metadata.name != "looked-at"', reason: 'Forbidden' }],
  };
  const binding = { policyName: metadata.name, validationActions: ['Deny'] };
  await admin.create({ apiVersion: group, kind: 'ValidatingAdmissionPolicy', metadata, spec: policy });
  await admin.create({
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: binding,
  });
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata };
  const query = { dryRun: 'All' };
  await untilRefused(() => admin.request({ method: 'POST', path: '/api/v1/namespaces', query, body }));
}

test('limits that are taken away and installed again are enforced again, by what the account says then', async () => {
  const old = await pod('shop', 'old', 'old');
  const next = await pod('shop', 'next', 'next');
  await account.allow({ node: 'old', uid: 'u-3', namespaces: [] }, signal);
  await untilAllowed(() => tryDeletion(healer, old));
  await deleteAll(admin, guestLimits(NAMESPACE));
  await untilAllowed(() => tryDeletion(healer, next));
  await nextLookAtPolicies();
  await admitHealer(admin, healer, NAMESPACE);
  await account.allow({ node: 'next', uid: 'u-4', namespaces: [] }, signal);
  await untilAllowed(() => tryDeletion(healer, next));
  await refused(tryDeletion(healer, old), /under treatment/);
});

test('an account that is missing keeps nobody from deleting pods', async () => {
  const early = await pod('shop', 'early', 'calm');
  await admin.delete(OWN);
  await untilAllowed(() => tryDeletion(healer, early));
  await refused(deletePod('shop', 'early'), /by its UID/);
  await admin.deletePod({ namespace: 'shop', name: 'early' }, { gracePeriodSeconds: 0 });
});

test('nobody else is asked: an administrator does all of it', async () => {
  await node('free');
  await admin.patch({ apiVersion: 'v1', kind: 'Node', name: 'free' }, 'merge', {
    metadata: { labels: { pool: 'z' } },
  });
  await admin.delete({ apiVersion: 'v1', kind: 'Node', name: 'free' });
});
