import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeClient } from '../../kube/client.ts';
import { ScriptedServer, sendJson } from '../../kube/testing/scripted-server.ts';
import { KubeletAnswers } from './kubelet-answer.ts';

const NODE = '10.0.0.2';
const pod = (namespace: string, name: string, hostIP = NODE) => ({
  metadata: { namespace, name },
  status: {
    phase: 'Running',
    hostIP,
    containerStatuses: [
      { name: 'starts', state: { waiting: {} } },
      { name: 'main', state: { running: {} } },
    ],
  },
});

/** An API server with these pods; `answers` says what becomes of a question for the log of one. */
async function serverWith(pods: readonly object[], answers: (pod: string) => number) {
  const asked: string[] = [];
  const server = await ScriptedServer.start((_request, response, { pathname }) => {
    const [, name] = /\/pods\/([^/]+)\/log$/.exec(pathname) ?? [];
    if (name === undefined) {
      const isPods = pathname.endsWith('/pods');
      const resources = [
        { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get'] },
        { name: 'pods/log', kind: 'Pod', namespaced: true, verbs: ['get'] },
      ];
      sendJson(response, 200, isPods ? { kind: 'PodList', metadata: {}, items: pods } : { resources });
      return;
    }
    asked.push(name);
    const status = answers(name);
    if (status === 200) response.writeHead(200).end('');
    else sendJson(response, status, { kind: 'Status', code: status, message: 'no' });
  });
  const kube = new KubeClient({ server: server.url });
  return {
    asked,
    kubelets: new KubeletAnswers(kube),
    [Symbol.asyncDispose]: async () => {
      kube.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a log that is fetched is an answer of its kubelet; a pod of the system is asked for first', async () => {
  const pods = [pod('shop', 'web'), pod('kube-system', 'proxy'), pod('kube-system', 'other', '10.0.0.3')];
  await using server = await serverWith(pods, () => 200);
  await server.kubelets.ask(NODE);
  await server.kubelets.ask(NODE);
  assert.deepEqual(server.asked, ['proxy', 'proxy']);
});

test('a kubelet that the API server cannot reach has not answered', async () => {
  await using server = await serverWith([pod('shop', 'web')], () => 500);
  await assert.rejects(server.kubelets.ask(NODE));
});

test('a pod that is gone is no silence: another one of the node is asked for', async () => {
  const pods = [pod('shop', 'web'), pod('shop', 'db')];
  let isGone = false;
  await using server = await serverWith(pods, (name) => (isGone && name === 'web' ? 404 : 200));
  await server.kubelets.ask(NODE);
  isGone = true;
  pods.shift();
  await server.kubelets.ask(NODE);
  assert.deepEqual(server.asked, ['web', 'web', 'db']);
});

test('a node without any pod cannot be watched', async () => {
  await using server = await serverWith([pod('shop', 'web', '10.0.0.3')], () => 200);
  await assert.rejects(server.kubelets.ask(NODE), { code: 'existing.no-witness' });
});
