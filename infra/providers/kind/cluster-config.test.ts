import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { ClusterSpec } from '../../cluster.ts';
import { clusterConfiguration } from './cluster-config.ts';
import { plannedNodes } from './kind-plan.ts';

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
  const told = parse(clusterConfiguration(SPEC, 'local/node:v1', '/state/policy')) as {
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
  assert.doesNotMatch(clusterConfiguration(SPEC, undefined, '/state/policy'), /image/);
});

test('the API server keeps an audit log, in the words of both versions of kubeadm that kind speaks', () => {
  const told = parse(clusterConfiguration(SPEC, undefined, '/state/policy')) as {
    nodes: { extraMounts?: { hostPath: string; containerPath: string }[] }[];
    kubeadmConfigPatchesJSON6902: { version: string; kind: string; patch: string }[];
  };
  assert.deepEqual(
    told.nodes.map(({ extraMounts }) => extraMounts?.map(({ hostPath }) => hostPath)),
    [['/state/policy'], undefined, undefined, undefined, undefined],
  );
  const policy = told.nodes[0]?.extraMounts?.[0]?.containerPath;
  const patches = told.kubeadmConfigPatchesJSON6902.map(({ version, patch }) => {
    const steps = JSON.parse(patch) as { path: string; value: unknown }[];
    return [version, steps[0]];
  });
  assert.deepEqual(patches, [
    [
      'v1beta4',
      { op: 'add', path: '/apiServer/extraArgs/-', value: { name: 'audit-policy-file', value: policy } },
    ],
    ['v1beta3', { op: 'add', path: '/apiServer/extraArgs/audit-policy-file', value: policy }],
  ]);
});
