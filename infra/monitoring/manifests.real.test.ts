import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clusterState, type ClusterState } from '../agents/exporter/cluster-state.ts';
import { EXPORTER_NAME } from '../agents/exporter/manifest.ts';
import { onInfraNode } from '../agents/manifest/placement.ts';
import { probeManifests } from '../agents/probe/manifest.ts';
import { applyAll } from '../kube/apply.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/objects.ts';
import { sharedApiServer, type SharedApiServer } from '../kube/testing/shared-api-server.ts';
import { monitoringBase, monitoringManifests } from './manifests.ts';
import { MONITORING_NAMESPACE as namespace, PROMETHEUS } from './names.ts';
import { PROFILES } from './profile.ts';

let server: SharedApiServer;
let kube: KubeClient;
const stop = new AbortController();

before(async () => {
  server = await sharedApiServer();
  kube = server.client();
});
after(async () => {
  stop.abort();
  await server.stop();
});

const images = {
  prometheus: 'prometheus:1',
  alertmanager: 'alertmanager:1',
  exporter: 'exporter:1',
  receiver: 'receiver:1',
  probe: 'probe:1',
};

const receiver = { token: 'r', senders: [] };

async function applyEverything(profile: keyof typeof PROFILES): Promise<readonly KubeObject[]> {
  const options = { images, profile: PROFILES[profile], placement: onInfraNode('required'), receiver };
  const manifests = [
    ...monitoringBase(),
    ...monitoringManifests(options, '10.96.0.7'),
    ...probeManifests({ image: images.probe, placement: options.placement, token: 'p', usedBy: [] }),
  ];
  const results = await applyAll(kube, manifests, { fieldManager: 'test', force: true });
  return results.map(({ object }) => object);
}

/** A client with the rights of a service account and no others. */
async function as(name: string): Promise<KubeClient> {
  const answer = await kube.request<{ status: { token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  return server.client({}, { ...server.target, token: () => answer.status.token });
}

async function mayI(client: KubeClient, attributes: object): Promise<boolean> {
  const review = await client.create<KubeObject & { status?: { allowed: boolean } }>({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: attributes,
  } as KubeObject);
  return review.status?.allowed === true;
}

test('a real API server takes every manifest, and the same again changes nothing', async () => {
  await applyEverything('production');
  const first = await applyEverything('drill');
  const second = await applyEverything('drill');
  const versions = (objects: readonly KubeObject[]): unknown =>
    objects.map(({ kind, metadata }) => [kind, metadata?.name, metadata?.resourceVersion]);
  assert.deepEqual(versions(second), versions(first));
});

test('Prometheus may find and scrape targets, and nothing else', async () => {
  const client = await as(PROMETHEUS.name);
  const resource = (verb: string, name: string, extra: object = {}): object => ({
    resourceAttributes: { verb, resource: name, ...extra },
  });
  for (const allowed of [
    resource('watch', 'pods'),
    resource('list', 'nodes'),
    resource('get', 'nodes', { subresource: 'metrics' }),
    resource('watch', 'endpointslices', { group: 'discovery.k8s.io', namespace: 'default' }),
    { nonResourceAttributes: { verb: 'get', path: '/metrics' } },
  ]) {
    assert.ok(await mayI(client, allowed), JSON.stringify(allowed));
  }
  for (const denied of [
    resource('get', 'secrets', { namespace }),
    resource('get', 'nodes', { subresource: 'proxy' }),
    resource('list', 'services', { namespace }),
    resource('delete', 'pods', { namespace }),
  ]) {
    assert.equal(await mayI(client, denied), false, JSON.stringify(denied));
  }
});

test("the exporter shows the cluster with its own account's rights, and follows it", async () => {
  const state = clusterState(await as(EXPORTER_NAME));
  assert.throws(() => state.text(), /not listed yet/);
  const running = state.run(stop.signal);
  await until(() => state.missing() === undefined, state);
  assert.match(
    state.text(),
    /^kube_deployment_spec_replicas\{namespace="monitoring",deployment="prometheus"\} 1$/m,
  );
  assert.match(state.text(), /^kube_endpoint_info\{namespace="monitoring",endpoint="alertmanager"\} 1$/m);

  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: PROMETHEUS.name } as const;
  await kube.patch(ref, 'merge', { spec: { replicas: 0 } });
  await until(
    () =>
      /^kube_deployment_spec_replicas\{namespace="monitoring",deployment="prometheus"\} 0$/m.test(
        state.text(),
      ),
    state,
  );
  await kube.delete(ref);
  await until(() => !/deployment="prometheus"/.test(state.text()), state);
  stop.abort();
  await running;
});

async function until(condition: () => boolean, state: ClusterState): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, state.missing() ?? state.text());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
