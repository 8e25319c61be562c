import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { StandingCluster } from '../testing/contract/fixture.ts';
import { labCluster } from '../testing/lab-cluster.ts';
import { KubeClient } from './client.ts';
import { podLog, type PodRef } from './logs.ts';
import { portForward } from './port-forward.ts';
import { podReady } from './readiness.ts';
import { waitForAll } from './wait.ts';

let lab: StandingCluster;
let kube: KubeClient;
let dns: PodRef;

before(async () => {
  lab = await labCluster(AbortSignal.timeout(300_000));
  kube = new KubeClient((await lab.attach()).kube);
  const selection = {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'kube-system',
    labelSelector: 'k8s-app=kube-dns',
  } as const;
  let ready = 'no pod';
  await waitForAll(
    kube,
    selection,
    (pods) => {
      ready = pods.find((pod) => podReady(pod) === true)?.metadata?.name ?? '';
      return ready !== '' || 'no DNS server is ready';
    },
    { timeoutMs: 120_000 },
  );
  dns = { namespace: 'kube-system', name: ready };
});
after(async () => {
  kube.close();
  await lab[Symbol.asyncDispose]();
});

test('what a container wrote is read', async () => {
  assert.match(await podLog(kube, dns), /CoreDNS-/);
});

test('a port of a pod is reached through the API server, and one where nobody listens is told', async () => {
  const connection = await portForward(kube, dns, 8080);
  connection.write('GET /health HTTP/1.1\r\nHost: dns\r\nConnection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of connection) answer += String(chunk);
  assert.match(answer, /^HTTP\/1\.1 200 OK/);
  const use = async () => {
    const nobody = await portForward(kube, dns, 9);
    await once(nobody, 'end');
  };
  await assert.rejects(use(), { code: 'kube.port-forward-failed', message: /connection refused/ });
});
