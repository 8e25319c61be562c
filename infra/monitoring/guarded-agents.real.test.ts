import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PROBE_NAMESPACE } from '../agents/probe/manifest.ts';
import type { ProbeLine } from '../agents/probe/protocol.ts';
import type { Cluster } from '../cluster.ts';
import { exchange, openLines } from '../http/http.ts';
import { KubeClient } from '../kube/client.ts';
import { waitDeleted } from '../kube/wait.ts';
import type { StandingCluster } from '../testing/contract/fixture.ts';
import { labCluster } from '../testing/lab-cluster.ts';
import { agentTokens, deployProbe, deployReceiver } from './deploy.ts';
import type { Endpoint } from './endpoint.ts';
import { agentImages, type PerAgent } from './images.ts';
import { MONITORING_NAMESPACE } from './names.ts';

const NAMESPACES = [PROBE_NAMESPACE, MONITORING_NAMESPACE];
const signal = AbortSignal.timeout(300_000);
let lab: StandingCluster;
let cluster: Cluster;
let kube: KubeClient;
let tokens: PerAgent<string>;
let probe: Endpoint;

before(async () => {
  lab = await labCluster(signal);
  cluster = await lab.attach();
  kube = new KubeClient(cluster.kube);
  const images = agentImages();
  const [receiverImage, probeImage] = await cluster.loadImages([images.receiver, images.probe]);
  tokens = await agentTokens(kube, signal);
  const receiver = { token: tokens.receiver, senders: [] };
  [probe] = await Promise.all([
    deployProbe({ kube, signal, image: probeImage!.reference, token: tokens.probe, usedBy: [] }),
    deployReceiver({ kube, signal, image: receiverImage!.reference, receiver }),
  ]);
});
after(async () => {
  for (const name of NAMESPACES) {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', name } as const;
    await kube.delete(namespace);
    await waitDeleted(kube, namespace, { timeoutMs: 60_000, signal });
  }
  kube.close();
  await lab[Symbol.asyncDispose]();
});

const toProbe = () => cluster.connect(probe.podIp, probe.port);

test('what a pod asks of another agent without its token is answered with 401, and its metrics are shown', async () => {
  const receiver = 'http://alert-receiver.monitoring.svc.cluster.local:8080';
  for (const [name, path, status] of [
    ['messages', '/received', 401],
    ['faults', '/faults', 401],
    ['metrics', '/metrics', 200],
  ] as const) {
    const target = { name, url: `${receiver}${path}`, expect: { status: [status] }, resolve: 'once' };
    const order = { method: 'POST', path: '/targets', json: target, timeoutMs: 5_000, signal };
    assert.equal((await exchange(toProbe, order)).status, 401);
    assert.equal((await exchange(toProbe, { ...order, token: tokens.probe })).status, 201);
    const samples = { path: `/samples?target=${name}`, timeoutMs: 5_000, signal };
    assert.equal((await exchange(toProbe, samples)).status, 401);
    const { lines } = await openLines(toProbe, { ...samples, token: tokens.probe });
    for await (const line of lines as AsyncIterable<ProbeLine>) {
      // The probe's node may not know yet who is behind a service whose pod has just become ready: without a status nobody has answered.
      if (line.type !== 'sample' || line.status === undefined) continue;
      assert.equal(line.outcome, 'ok', `${name}: ${line.error ?? ''}`);
      break;
    }
  }
});

test('who comes later finds the token that the agents know, and the Secret of one is none of the other', async () => {
  assert.deepEqual(await agentTokens(kube, signal), tokens);
  assert.notEqual(tokens.probe, tokens.receiver);
  assert.match(tokens.probe, /^[0-9a-f]{64}$/);
});
