import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { KubeClient } from '../../infra/kube/client.ts';
import { ScriptedServer, sendJson } from '../../infra/kube/testing/scripted-server.ts';
import { record } from './testing/recording.ts';
import { observeWatch } from './watch.ts';

const KINDS = ['nodes', 'deployments', 'endpointslices', 'pods'] as const;
type Plural = (typeof KINDS)[number];

const meta = (name: string, more: object = {}) => ({ name, uid: `u-${name}`, resourceVersion: '1', ...more });
const inShop = { namespace: 'shop' };
const pod = (name: string, isReady: boolean, app = 'web', more: object = {}) => ({
  metadata: meta(name, { ...inShop, labels: { app } }),
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  ...more,
});

/** An API server whose lists stand, and whose watches a test speaks for. */
async function apiServer(
  items: Partial<Record<Plural, readonly object[]>>,
  statusOf: (kind: Plural) => number = () => 200,
) {
  const opened = Object.fromEntries(
    KINDS.map((kind) => [kind, Promise.withResolvers<ServerResponse>()]),
  ) as Record<Plural, PromiseWithResolvers<ServerResponse>>;
  const server = await ScriptedServer.start((_, response, { pathname, searchParams }) => {
    const kind = KINDS.find((one) => pathname.endsWith(`/${one}`));
    if (kind === undefined) sendJson(response, 404, {});
    else if (searchParams.has('watch')) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      opened[kind].resolve(response);
    } else
      sendJson(response, statusOf(kind), {
        metadata: { resourceVersion: '1' },
        items: items[kind] ?? [],
        message: 'no',
      });
  });
  const kube = new KubeClient({ server: server.url });
  let version = 1;
  return {
    ...{ server, kube },
    /** The first watch of a kind, once it is open. */
    watchOf: (kind: Plural) => opened[kind].promise,
    push: async (kind: Plural, type: string, object: { readonly metadata: object }) => {
      const metadata = { ...object.metadata, resourceVersion: String(++version) };
      (await opened[kind].promise).write(`${JSON.stringify({ type, object: { ...object, metadata } })}\n`);
    },
  };
}

test('what is there is told first, then each change of what counts of it, and the Ready replicas as often as their number changes', async () => {
  const { server, kube, push } = await apiServer({
    nodes: [{ metadata: meta('n1') }],
    deployments: [{ metadata: meta('web', inShop), spec: { replicas: 2 } }],
    endpointslices: [{ metadata: meta('web-x', inShop), endpoints: [] }],
    pods: [pod('a', true), pod('b', false), pod('c', true, 'db')],
  });
  await using _ = server;
  using _kube = kube;
  const journal = record();
  const capacity = { selector: 'app=web', replicas: 2 };
  const observer = await observeWatch({ kube, namespace: 'shop', capacity })(
    journal.append,
    new AbortController().signal,
  );
  const told = () =>
    journal
      .of('watch')
      .map(({ change, object, namespace, name, uid }) => [change, object, namespace, name, uid]);
  assert.deepEqual(told().toSorted(), [
    ['added', 'Deployment', 'shop', 'web', 'u-web'],
    ['added', 'EndpointSlice', 'shop', 'web-x', 'u-web-x'],
    ['added', 'Node', undefined, 'n1', 'u-n1'],
    ['added', 'Pod', 'shop', 'a', 'u-a'],
    ['added', 'Pod', 'shop', 'b', 'u-b'],
    ['added', 'Pod', 'shop', 'c', 'u-c'],
  ]);
  const wanted = journal.of('watch').find(({ object }) => object === 'Deployment')?.facts['wanted'];
  assert.equal(wanted, 2);
  const counted = () =>
    journal.of('capacity').map(({ selector, ready, wanted: of }) => [selector, ready, of]);
  assert.deepEqual(counted(), [['app=web', 1, 2]]);
  assert.equal(journal.entries.at(-1)?.kind, 'observer', 'it is told to look when all is listed');
  const before = journal.of('watch').length;
  const until = (count: number) => journal.until(() => journal.of('watch').length === before + count);
  await push('pods', 'MODIFIED', pod('b', false, 'web', { spec: { priority: 1 } }));
  await push('pods', 'MODIFIED', pod('b', true));
  await until(1);
  await push('pods', 'MODIFIED', pod('c', false, 'db'));
  await push('pods', 'ADDED', pod('d', true));
  await until(3);
  await push('pods', 'MODIFIED', pod('a', false));
  await push('pods', 'DELETED', pod('d', true));
  await until(5);
  assert.deepEqual(
    told()
      .slice(before)
      .map(([change, , , name]) => `${change} ${name}`),
    ['modified b', 'modified c', 'added d', 'modified a', 'deleted d'],
  );
  assert.deepEqual(
    counted().map(([, ready]) => ready),
    [1, 2, 3, 2, 1],
  );
  await observer.stop();
  assert.deepEqual(
    journal.of('observer').map(({ observer: by, state }) => [by, state]),
    [
      ['watch', 'started'],
      ['watch', 'stopped'],
    ],
  );
});

test('without replicas to count none is told, and a watch that breaks is a gap from its last sign until it sees again', async () => {
  const { server, kube, watchOf } = await apiServer({ pods: [pod('a', true)] });
  await using _ = server;
  using _kube = kube;
  const journal = record();
  const observer = await observeWatch({ kube, namespace: 'shop' })(
    journal.append,
    new AbortController().signal,
  );
  (await watchOf('pods')).destroy();
  const gaps = () => journal.of('observer').filter(({ state }) => state === 'gap');
  await journal.until(() => gaps().some(({ toMonoMs }) => toMonoMs !== undefined));
  await observer.stop();
  const [opened, closed] = gaps();
  assert.deepEqual(
    [opened?.observer, opened?.toMonoMs, closed?.observer],
    ['watch:Pod', undefined, 'watch:Pod'],
  );
  assert.equal(opened?.fromMonoMs, closed?.fromMonoMs);
  assert.ok((closed?.toMonoMs ?? 0) > (opened?.fromMonoMs ?? Infinity));
  assert.match(opened?.reason ?? '', /./);
  assert.deepEqual(journal.of('capacity'), []);
});

test('what may not be listed does not begin, and neither does what ends before all is listed', async () => {
  const denied = await apiServer({}, (kind) => (kind === 'endpointslices' ? 403 : 200));
  await using _denied = denied.server;
  using _deniedKube = denied.kube;
  const journal = record();
  const start = observeWatch({ kube: denied.kube, namespace: 'shop' });
  await assert.rejects(start(journal.append, new AbortController().signal), { code: 'kube.forbidden' });
  const slow = await apiServer({}, (kind) => (kind === 'pods' ? 503 : 200));
  await using _slow = slow.server;
  using _slowKube = slow.kube;
  const trial = new AbortController();
  const starting = observeWatch({ kube: slow.kube, namespace: 'shop' })(journal.append, trial.signal);
  const ended = assert.rejects(starting, /the trial ended/);
  await journal.until((entries) => entries.some(({ kind }) => kind === 'observer'));
  trial.abort(new Error('the trial ended'));
  await ended;
  assert.ok(journal.of('observer').every(({ state }) => state === 'gap'));
});
