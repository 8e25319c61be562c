import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeClient } from '../kube/client.ts';
import { sharedApiServer, type SharedApiServer } from '../kube/testing/shared-api-server.ts';
import { serviceEndpoint } from './endpoint.ts';

let server: SharedApiServer;
let kube: KubeClient;
const { signal } = new AbortController();

before(async () => {
  server = await sharedApiServer();
  kube = server.client();
});
after(async () => {
  await server.stop();
});

async function makePod(name: string, ready: boolean): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name } as const;
  await kube.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, labels: { app: 'prom', tier: 'main' } },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'main', image: 'none', ports: [{ name: 'web', containerPort: 9091 }] }],
    },
  });
  const status = {
    phase: 'Running',
    podIP: ready ? '10.0.0.2' : '10.0.0.1',
    podIPs: [{ ip: ready ? '10.0.0.2' : '10.0.0.1' }],
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
  };
  await kube.patch(ref, 'merge', { status }, { subresource: 'status' });
}

test('a Prometheus of somebody else is found behind its Service, by the name of its port, where a pod is ready', async () => {
  const prom = { namespace: 'default', name: 'prom', port: 80 };
  await assert.rejects(serviceEndpoint(kube, prom, signal), {
    code: 'monitoring.no-service',
    message: 'Service default/prom, port 80: there is none',
  });
  await kube.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name: 'prom' },
    spec: { selector: { app: 'prom', tier: 'main' }, ports: [{ port: 80, targetPort: 'web' }] },
  });
  await makePod('prom-1', false);
  await assert.rejects(serviceEndpoint(kube, prom, signal), { code: 'monitoring.no-pod' });
  await makePod('prom-2', true);
  assert.deepEqual(await serviceEndpoint(kube, prom, signal), {
    podIp: '10.0.0.2',
    port: 9091,
    serviceUrl: 'http://prom.default.svc:80',
  });
  await assert.rejects(serviceEndpoint(kube, { ...prom, port: 9090 }, signal), {
    message: 'Service default/prom, port 9090: it has the ports 80',
  });
});
