import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubeClient } from '../../infra/kube/client.ts';
import type { Pod } from '../../infra/kube/objects.ts';
import { TestApiServer } from '../../infra/kube/testing/api-server.ts';
import { record } from './testing/recording.ts';
import { observeWatch } from './watch.ts';

let server: TestApiServer;
let kube: KubeClient;

before(async () => {
  server = await TestApiServer.start();
  kube = server.client();
});
after(async () => {
  await server.stop();
});

async function makePod(namespace: string, name: string, app: string): Promise<Pod> {
  return await kube.create<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app } },
    spec: {
      containers: [{ name: 'c', image: 'none' }],
      nodeName: 'node-1',
    },
  });
}

async function setReady(namespace: string, name: string, ready: boolean): Promise<void> {
  const pod = await kube.get({ apiVersion: 'v1', kind: 'Pod', namespace, name });
  const status = ready ? 'True' : 'False';
  await kube.replace(
    {
      ...pod,
      status: { ...pod.status, phase: 'Running', conditions: [{ type: 'Ready', status }] },
    },
    { subresource: 'status' },
  );
}

async function makeNamespace(name: string): Promise<void> {
  await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

describe('the watch observer, on a real API server', () => {
  it('counts the Ready replicas of the workload, and no other pod', async () => {
    await makeNamespace('count');
    for (const name of ['a', 'b']) await makePod('count', name, 'shop');
    await makePod('count', 'other', 'else');
    for (const name of ['a', 'b', 'other']) await setReady('count', name, true);
    const journal = record();
    const observer = await observeWatch({
      kube,
      namespace: 'count',
      capacity: { selector: 'app=shop', replicas: 2 },
    })(journal.append, new AbortController().signal);
    assert.deepEqual(
      journal.of('capacity').map(({ ready, wanted }) => [ready, wanted]),
      [[2, 2]],
    );

    await setReady('count', 'a', false);
    await journal.until(() => journal.of('capacity').length === 2);
    await kube.delete(
      { apiVersion: 'v1', kind: 'Pod', namespace: 'count', name: 'b' },
      { gracePeriodSeconds: 0 },
    );
    await journal.until(() => journal.of('capacity').length === 3);
    await setReady('count', 'a', true);
    await journal.until(() => journal.of('capacity').length === 4);
    await observer.stop();
    assert.deepEqual(
      journal.of('capacity').map(({ ready }) => ready),
      [2, 1, 0, 1],
    );
    assert.deepEqual(
      journal.of('observer').map(({ state }) => state),
      ['started', 'stopped'],
    );
  });

  it('tells what changed of a node, and nothing when nothing of interest did', async () => {
    await makeNamespace('nodes');
    const journal = record();
    const observer = await observeWatch({ kube, namespace: 'nodes' })(
      journal.append,
      new AbortController().signal,
    );
    await kube.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'zone-1' } },
    });
    const ofNode = () =>
      journal.of('watch').filter((event) => event.object === 'Node' && event.name === 'node-1');
    await journal.until(() => ofNode().length === 1);
    const ref = { apiVersion: 'v1', kind: 'Node', name: 'node-1' } as const;
    await kube.patch(ref, 'merge', { metadata: { annotations: { boring: 'yes' } } });
    await kube.patch(ref, 'merge', { spec: { unschedulable: true } });
    await journal.until(() => ofNode().some((event) => event.facts['unschedulable'] === true));
    assert.deepEqual(
      ofNode().map((event) => event.change),
      ['added', 'modified'],
    );
    assert.equal(ofNode()[0]?.facts['zone'], 'zone-1');
    await observer.stop();
  });

  it('journals a gap when the API server is away, at once and again with its end', async () => {
    await makeNamespace('away');
    const journal = record();
    const observer = await observeWatch({ kube: server.client({ timeoutMs: 2_000 }), namespace: 'away' })(
      journal.append,
      new AbortController().signal,
    );
    await server.kill();
    const gaps = () => journal.of('observer').filter((entry) => entry.state === 'gap');
    await journal.until(() => gaps().length > 0, 10_000);
    const [open] = gaps();
    assert.ok(open);
    assert.equal(open.toMonoMs, undefined, 'told while it lasts');
    await server.startApiServer();
    await journal.until(() => gaps().some((gap) => gap.toMonoMs !== undefined), 20_000);
    const closed = gaps().find(
      ({ observer, toMonoMs }) => observer === open.observer && toMonoMs !== undefined,
    );
    assert.equal(closed?.fromMonoMs, open.fromMonoMs);
    assert.ok((closed?.toMonoMs ?? 0) > (closed?.fromMonoMs ?? 0));
    await observer.stop();
  });

  it('cannot begin without permission', async () => {
    const guest = server.client({}, server.guest);
    await assert.rejects(
      observeWatch({ kube: guest, namespace: 'count' })(record().append, new AbortController().signal),
      /forbidden/i,
    );
  });
});
