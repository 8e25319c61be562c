import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { ClusterSpec } from '../cluster.ts';
import { clusterConfiguration } from './cluster-config.ts';
import { plannedNodes } from './names.ts';

const SPEC: ClusterSpec = {
  name: 'drill',
  workers: 3,
  zones: 2,
  infraNodes: 1,
  machineProfile: 'bmc',
  environment: 'test',
};

test('nodes are named as kind names them, infra nodes last', () => {
  assert.deepEqual(
    plannedNodes(SPEC).map(({ name, zone, role }) => [name, zone, role]),
    [
      ['fd-drill-control-plane', 'zone-1', 'control-plane'],
      ['fd-drill-worker', 'zone-1', 'worker'],
      ['fd-drill-worker2', 'zone-2', 'worker'],
      ['fd-drill-worker3', 'zone-1', 'worker'],
      ['fd-drill-worker4', 'zone-1', 'infra'],
    ],
  );
});

test('the longest name that a cluster may have fits into a host name', () => {
  for (const { name } of plannedNodes({ ...SPEC, name: 'a'.repeat(40) })) assert.ok(name.length <= 63, name);
});

test('kind is told zones and roles as labels, and the node image where one was chosen', () => {
  const told = parse(clusterConfiguration(SPEC, 'local/node:v1')) as {
    name: string;
    nodes: { role: string; image?: string; labels: Record<string, string> }[];
  };
  assert.equal(told.name, 'fd-drill');
  assert.deepEqual(told.nodes[4], {
    role: 'worker',
    labels: { 'topology.kubernetes.io/zone': 'zone-1', 'firedrill.dev/role': 'infra' },
    image: 'local/node:v1',
  });
  assert.deepEqual(told.nodes[0]?.labels, { 'topology.kubernetes.io/zone': 'zone-1' });
  assert.doesNotMatch(clusterConfiguration(SPEC, undefined), /image/);
});
