import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterNode, roleOf } from './nodes.ts';

const node = (
  labels: Readonly<Record<string, string>>,
  addresses: { type: string; address: string }[] = [],
) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'a', labels },
  status: { addresses },
});

test('of a node of somebody else is known what the API shows, and nothing of its machine: it is taken for neither frozen nor cut off', () => {
  const addresses = [
    { type: 'Hostname', address: 'a.test' },
    { type: 'InternalIP', address: '10.0.0.7' },
  ];
  assert.deepEqual(clusterNode(node({ 'topology.kubernetes.io/zone': 'z1' }, addresses)), {
    ...{ name: 'a', zone: 'z1', role: 'worker', address: '10.0.0.7' },
    ...{ power: 'unknown', frozen: false, cableOut: false },
  });
  const { zone, address } = clusterNode(node({}, addresses.slice(0, 1)));
  assert.deepEqual([zone, address, clusterNode(node({})).address], ['', 'a.test', '']);
});

test('the role of a node is told by the labels of kubeadm, of clouds and of ours', () => {
  assert.equal(roleOf(node({ 'node-role.kubernetes.io/control-plane': '' })), 'control-plane');
  assert.equal(roleOf(node({ 'node-role.kubernetes.io/master': '' })), 'control-plane');
  assert.equal(roleOf(node({ 'firedrill.dev/role': 'infra' })), 'infra');
  assert.equal(roleOf(node({})), 'worker');
});
