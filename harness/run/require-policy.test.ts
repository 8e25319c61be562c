import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Cluster } from '../../infra/cluster.ts';
import { adoptionData } from '../core/owner/permission.ts';
import { requirePolicy } from './require-policy.ts';

test('a run that the policy forbids is a mistake of whoever started it, not of ours', async () => {
  const policy = 'freeze: [{ name: always, from: 2020-01-01T00:00Z, to: 2999-01-01T00:00Z }]';
  const permission = { data: adoptionData('uid', { namespaces: ['shop'] }, policy) };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(permission));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cluster = { kube: { server: `http://127.0.0.1:${port}` }, uid: 'uid' } as Cluster;
  try {
    await assert.rejects(requirePolicy(cluster, {}, 7), { code: 'guard.freeze-window', userError: true });
  } finally {
    server.close();
  }
});
