import assert from 'node:assert/strict';
import { linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { bootstrapObjectsOf, keepBootstrapObjects, restoreBootstrapObjects } from './bootstrap-objects.ts';

const SIGNAL = AbortSignal.timeout(20_000);
const LIMITS = { timeoutMs: 20_000, signal: SIGNAL };
const OURS = 'our-manager';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const text = (encoded: string): string => Buffer.from(encoded, 'base64').toString();

interface Operation {
  readonly request_put?: { readonly key: string; readonly value: string };
  readonly request_range?: { readonly key: string; readonly range_end: string };
}

/** As much of etcd's JSON gateway as is used, and what it holds. */
async function etcd(t: TestContext, content: Readonly<Record<string, string>> = {}) {
  const held = new Map(Object.entries(content));
  const transactions: number[] = [];
  const answer = ({ request_put: put, request_range: range }: Operation): object => {
    if (put !== undefined) held.set(text(put.key), text(put.value));
    if (range === undefined) return {};
    const kvs = [...held]
      .filter(([key]) => key >= text(range.key) && key < text(range.range_end))
      .map(([key, value]) => ({ key: base64(key), value: base64(value), mod_revision: '7' }));
    return { response_range: kvs.length === 0 ? {} : { kvs } };
  };
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const { success = [] } = body as { success?: readonly Operation[] };
      if (request.url === '/v3/kv/txn') transactions.push(success.length);
      response.end(JSON.stringify({ responses: success.map(answer) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { held, transactions, open: () => Promise.resolve(connect(port, '127.0.0.1')) };
}

const bootstrapped = {
  '/registry/clusterroles/admin': 'by kube-apiserver',
  '/registry/clusterroles/system:coredns': `by ${OURS}`,
  '/registry/clusterrolebindings/cluster-admin': 'by kube-apiserver',
  '/registry/serviceaccounts/kube-system/job-controller': 'by kube-controller-manager',
  '/registry/serviceaccounts/default/default': 'by kube-controller-manager',
  '/registry/namespaces/kube-system': 'with the UID of the cluster',
  '/registry/secrets/kube-system/token': 'a secret',
};

test('the built-in objects of one cluster are those that the next begins with: not ours, no secret, nothing of its own', async (t) => {
  const file = join(temporaryDirectory('bootstrap'), 'kept', 'objects.json');
  const first = await etcd(t, bootstrapped);
  await keepBootstrapObjects(first.open, file, OURS, SIGNAL);
  const second = await etcd(t);
  await restoreBootstrapObjects(second.open, file, LIMITS);
  assert.deepEqual(Object.fromEntries(second.held), {
    '/registry/clusterroles/admin': 'by kube-apiserver',
    '/registry/clusterrolebindings/cluster-admin': 'by kube-apiserver',
    '/registry/serviceaccounts/kube-system/job-controller': 'by kube-controller-manager',
  });
  assert.deepEqual(readdirSync(join(file, '..')), ['objects.json']);
  for (const kept of JSON.parse(readFileSync(file, 'utf8')) as object[])
    assert.deepEqual(Object.keys(kept), ['key', 'value']);
});

test('they are kept once, and made anew where the file is damaged', async (t) => {
  const file = join(temporaryDirectory('bootstrap'), 'objects.json');
  const { open } = await etcd(t, bootstrapped);
  writeFileSync(file, '[{"key":');
  // Whoever reads it meanwhile has the old one.
  linkSync(file, `${file}.old`);
  await keepBootstrapObjects(open, file, OURS, SIGNAL);
  assert.equal(readFileSync(`${file}.old`, 'utf8'), '[{"key":');
  const kept = readFileSync(file, 'utf8');
  const { open: other } = await etcd(t, { '/registry/roles/kube-system/x': 'later' });
  await keepBootstrapObjects(other, file, OURS, SIGNAL);
  assert.equal(readFileSync(file, 'utf8'), kept);
});

test('no transaction has more operations than etcd takes', async (t) => {
  const file = join(temporaryDirectory('bootstrap'), 'objects.json');
  const many = Array.from({ length: 250 }, (_, index) => ({ key: base64(`/k${index}`), value: '' }));
  writeFileSync(file, JSON.stringify(many));
  const { open, transactions, held } = await etcd(t);
  await restoreBootstrapObjects(open, file, LIMITS);
  assert.equal(held.size, 250);
  assert.ok(Math.max(...transactions) <= 128, String(transactions));
});

test('without a file it is waited until etcd listens, and no longer than is allowed', async (t) => {
  const { open } = await etcd(t);
  let refusals = 0;
  const late = () => {
    if (refusals++ < 3) return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    return open();
  };
  await restoreBootstrapObjects(late, '/nowhere', LIMITS);
  assert.equal(refusals, 4);
  const nobody = () => Promise.resolve(connect(1, '127.0.0.1'));
  await assert.rejects(restoreBootstrapObjects(nobody, '/nowhere', { timeoutMs: 50, signal: SIGNAL }), {
    code: 'kube.wait-timeout',
    message: 'etcd did not answer within 0.05 s',
  });
});

test('what is no etcd that begins to listen is not waited for, nor is one after an interruption', async (t) => {
  const refused = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
  await assert.rejects(restoreBootstrapObjects(refused, '/nowhere', { ...LIMITS, timeoutMs: 50 }), {
    code: 'EACCES',
  });
  const abort = new AbortController();
  const silent = createServer(() => abort.abort(new Error('changed my mind')));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => silent.close());
  const open = () => Promise.resolve(connect((silent.address() as AddressInfo).port, '127.0.0.1'));
  await assert.rejects(
    restoreBootstrapObjects(open, '/nowhere', { ...LIMITS, signal: abort.signal }),
    /^Error: changed my mind$/,
  );
});

test('another program of the API server has a file of its own', () => {
  const env = { HOME: '/home/u' };
  const one = bootstrapObjectsOf('sha256:1', env);
  assert.match(one, /^\/home\/u\/\.cache\/firedrill\/bootstrap-objects\/[0-9a-f]{24}\.json$/);
  assert.notEqual(one, bootstrapObjectsOf('sha256:2', env));
});
