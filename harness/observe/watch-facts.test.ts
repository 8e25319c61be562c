import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentFacts, endpointSliceFacts, isReady, nodeFacts, podFacts } from './watch-facts.ts';

const metadata = { name: 'a' };
const deleting = { ...metadata, deletionTimestamp: '2026-11-22T10:30:00Z' };
const ready = { type: 'Ready', status: 'True' } as const;

test('of a node: its condition with the reason, where it is, what keeps pods away', () => {
  const labels = { 'topology.kubernetes.io/zone': 'z1', 'firedrill.dev/role': 'worker' };
  const taints = [
    { key: 'b', effect: 'NoExecute' },
    { key: 'a', effect: 'NoSchedule' },
  ];
  const conditions = [
    { type: 'MemoryPressure', status: 'False' },
    { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' },
  ];
  assert.deepEqual(
    nodeFacts({
      metadata: { ...deleting, labels },
      spec: { unschedulable: true, taints },
      status: { conditions },
    }),
    {
      ...{ ready: 'Unknown', reason: 'NodeStatusUnknown', zone: 'z1', role: 'worker' },
      ...{ unschedulable: true, taints: ['a:NoSchedule', 'b:NoExecute'], deleting: true },
    },
  );
  const blank = { ready: 'Unknown', unschedulable: false, taints: [], deleting: false };
  assert.deepEqual(nodeFacts({}), blank);
  assert.deepEqual(nodeFacts({ metadata, spec: {}, status: { conditions: [ready] } }), {
    ...blank,
    ready: 'True',
  });
});

test('of a pod: whether it serves, where, whose it is, and how its containers fare', () => {
  const container = { name: 'c', image: '', imageID: '', ready: true, started: true, restartCount: 1 };
  const waiting = {
    ...container,
    started: false,
    restartCount: 2,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
  };
  const pod = {
    metadata: {
      ...metadata,
      labels: { 'app.kubernetes.io/name': 'web' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'ReplicaSet', name: 'web-1', uid: 'u' }],
    },
    spec: { nodeName: 'n1', containers: [] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: [ready],
      containerStatuses: [container, waiting],
    },
  };
  const facts = {
    ...{ phase: 'Running', ready: true, node: 'n1', ip: '10.0.0.1', app: 'web', owner: 'web-1' },
    ...{ waiting: 'CrashLoopBackOff', started: false, restarts: 3, deleting: false },
  };
  assert.deepEqual(podFacts(pod), facts);
  const evicted = { ...pod.status, reason: 'Evicted', containerStatuses: [container] };
  const gone = podFacts({ ...pod, metadata: { ...deleting, labels: { app: 'shop' } }, status: evicted });
  assert.deepEqual(gone, {
    ...{ phase: 'Running', ready: false, node: 'n1', ip: '10.0.0.1', app: 'shop' },
    ...{ reason: 'Evicted', started: true, restarts: 1, deleting: true },
  });
  const blank = { phase: 'Unknown', ready: false, started: false, restarts: 0, deleting: false };
  assert.deepEqual(podFacts({}), blank);
});

test('a pod counts for capacity when its condition Ready is True and it is not on its way out', () => {
  assert.equal(
    isReady({ metadata, status: { conditions: [{ type: 'Scheduled', status: 'False' }, ready] } }),
    true,
  );
  assert.equal(isReady({ metadata: deleting, status: { conditions: [ready] } }), false);
  assert.equal(isReady({ metadata, status: { conditions: [{ ...ready, status: 'False' }] } }), false);
  assert.equal(
    isReady({ metadata, status: { conditions: [{ type: 'Initialized', status: 'True' }] } }),
    false,
  );
  assert.equal(isReady({}), false);
});

test('of a deployment: how many replicas are wanted and there, 1 and 0 where it does not say', () => {
  const status = { readyReplicas: 2, availableReplicas: 3, updatedReplicas: 4 };
  const spec = { replicas: 5, selector: {}, template: {} };
  assert.deepEqual(deploymentFacts({ spec, status }), { wanted: 5, ready: 2, available: 3, updated: 4 });
  assert.deepEqual(deploymentFacts({}), { wanted: 1, ready: 0, available: 0, updated: 0 });
});

test('of endpoints: those that serve, which one does that does not say', () => {
  const labels = { 'kubernetes.io/service-name': 'web' };
  const endpoints = [
    { addresses: ['10.0.0.3'], nodeName: 'n2' },
    { addresses: ['10.0.0.1'], nodeName: 'n1', conditions: { ready: true } },
    { addresses: ['10.0.0.2'], nodeName: 'n2', conditions: { ready: false } },
    { addresses: ['10.0.0.4'], nodeName: 'n2', conditions: {} },
    { addresses: ['10.0.0.5'] },
  ];
  assert.deepEqual(endpointSliceFacts({ addressType: 'IPv4', metadata: { labels }, endpoints }), {
    ...{ service: 'web', ready: 4, total: 5, nodes: ['', 'n1', 'n2'] },
    addresses: ['10.0.0.1', '10.0.0.3', '10.0.0.4', '10.0.0.5'],
  });
  const none = endpointSliceFacts({ addressType: 'IPv4' });
  assert.deepEqual(none, { ready: 0, total: 0, addresses: [], nodes: [] });
});
