import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Pod } from '../../infra/kube/objects.ts';
import { podAccess } from './pod-access.ts';

const TARGET = { kind: 'pod', namespace: 'shop', name: 'web-1', uid: 'u1' } as const;

function accessTo(pod: Pod | undefined, deleted: unknown[] = []) {
  const kube = {
    find: () => Promise.resolve(pod),
    deletePod: (...args: unknown[]) => Promise.resolve(void deleted.push(args)),
  };
  const reach = (host: string, port: number) => Promise.resolve(connect({ host, port }));
  return podAccess(kube, reach);
}

function podWith(container: object): Pod {
  return {
    metadata: { uid: 'u1' },
    spec: { containers: [{ name: 'main', ...container }] },
    status: { podIP: '127.0.0.1' },
  };
}

let server: Server;
before(async () => {
  server = createServer((request, response) => response.end(request.url)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());

test('a pod is asked what its kubelet asks it, by number or by name of the port', async () => {
  const byNumber = podWith({ readinessProbe: { httpGet: { port: 8080, path: '/ready' } } });
  assert.deepEqual(await accessTo(byNumber).askable(TARGET), {
    address: '127.0.0.1',
    port: 8080,
    path: '/ready',
  });
  const byName = podWith({
    ports: [{ name: 'web', containerPort: 81 }],
    readinessProbe: { tcpSocket: { port: 80 } },
    livenessProbe: { httpGet: { port: 'web' } },
  });
  assert.deepEqual(await accessTo(byName).askable(TARGET), { address: '127.0.0.1', port: 81, path: '/' });
});

test('one that nobody can ask, one that is gone, and a later one of its name are no targets', async () => {
  const https = podWith({ readinessProbe: { httpGet: { port: 443, scheme: 'HTTPS' } } });
  await assert.rejects(accessTo(https).askable(TARGET), { code: 'fault.pod-not-askable', hint: /httpGet/ });
  await assert.rejects(accessTo(undefined).askable(TARGET), { code: 'fault.no-pod' });
  const later = { ...podWith({}), metadata: { uid: 'u2' } };
  await assert.rejects(accessTo(later).askable(TARGET), { code: 'fault.no-pod' });
  assert.equal(await accessTo(later).exists(TARGET), false);
  assert.equal(await accessTo(podWith({})).exists(TARGET), true);
});

test('it is killed without grace, and only if it is still the same one', async () => {
  const deleted: unknown[] = [];
  await accessTo(podWith({}), deleted).kill(TARGET);
  assert.deepEqual(deleted, [
    [
      { namespace: 'shop', name: 'web-1' },
      { gracePeriodSeconds: 0, preconditions: { uid: 'u1' } },
    ],
  ]);
});

test('its line lives while it answers and breaks with its process', async () => {
  const { port } = server.address() as AddressInfo;
  const line = await accessTo(undefined).openLine({ address: '127.0.0.1', port, path: '/ready' });
  await line.ask(1_000);
  await line.ask(1_000);
  server.closeAllConnections();
  await assert.rejects(line.ask(1_000), /connection/);
  line.close();
});
