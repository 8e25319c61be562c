import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, EndpointSlice, Node, Pod, Service } from '../../../kube/objects.ts';
import { renderExposition } from '../../http/exposition.ts';
import { fillFamilies, type StateFamily } from './family.ts';
import { NODE_FAMILIES } from './node.ts';
import { POD_FAMILIES } from './pod.ts';
import { ENDPOINT_SLICE_FAMILIES, SERVICE_FAMILIES } from './service.ts';
import { DEPLOYMENT_FAMILIES } from './workload.ts';

/** The series of one family, without HELP and TYPE. */
function series<T>(
  families: readonly StateFamily<T>[],
  name: string,
  ...objects: readonly unknown[]
): string[] {
  const text = renderExposition(
    fillFamilies(
      families.filter((family) => family.name === name),
      objects as readonly T[],
    ),
  );
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const node: Partial<Node> = {
  metadata: { name: 'node-1' },
  spec: {
    unschedulable: true,
    taints: [{ key: 'firedrill.dev/infra', value: 'true', effect: 'NoSchedule' }],
  },
  status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
};

test("a node's condition shows each of its three states", () => {
  assert.deepEqual(series(NODE_FAMILIES, 'kube_node_status_condition', node), [
    'kube_node_status_condition{node="node-1",condition="Ready",status="true"} 0',
    'kube_node_status_condition{node="node-1",condition="Ready",status="false"} 0',
    'kube_node_status_condition{node="node-1",condition="Ready",status="unknown"} 1',
  ]);
});

test('a cordon and a taint are seen', () => {
  assert.deepEqual(series(NODE_FAMILIES, 'kube_node_spec_unschedulable', node), [
    'kube_node_spec_unschedulable{node="node-1"} 1',
  ]);
  assert.deepEqual(series(NODE_FAMILIES, 'kube_node_spec_taint', node), [
    'kube_node_spec_taint{node="node-1",key="firedrill.dev/infra",value="true",effect="NoSchedule"} 1',
  ]);
});

const pod = {
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    uid: 'u1',
    ownerReferences: [
      { kind: 'ReplicaSet', name: 'web', controller: true, apiVersion: 'apps/v1', uid: 'u0' },
    ],
  },
  spec: { nodeName: 'node-1', containers: [{ name: 'web', image: 'web:1' }] },
  status: {
    phase: 'Running',
    podIP: '10.0.0.1',
    hostIP: '10.1.0.1',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [
      {
        name: 'web',
        ready: false,
        restartCount: 4,
        image: 'web:1',
        imageID: 'sha256:1',
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      },
    ],
  },
} satisfies Partial<Pod>;
const labels = 'namespace="shop",pod="web-1",uid="u1"';

test('a pod names its node and its owner', () => {
  assert.deepEqual(series(POD_FAMILIES, 'kube_pod_info', pod), [
    `kube_pod_info{${labels},host_ip="10.1.0.1",pod_ip="10.0.0.1",node="node-1",created_by_kind="ReplicaSet",created_by_name="web",priority_class="",host_network="false"} 1`,
  ]);
});

test("a pod's phase is 1 and the four others are 0", () => {
  const lines = series(POD_FAMILIES, 'kube_pod_status_phase', pod);
  assert.equal(lines.length, 5);
  assert.deepEqual(
    lines.filter((line) => line.endsWith(' 1')),
    [`kube_pod_status_phase{${labels},phase="Running"} 1`],
  );
});

test('a crash loop shows its reason, its restarts, and how the container died', () => {
  const container = `${labels},container="web"`;
  assert.deepEqual(series(POD_FAMILIES, 'kube_pod_container_status_waiting_reason', pod), [
    `kube_pod_container_status_waiting_reason{${container},reason="CrashLoopBackOff"} 1`,
  ]);
  assert.deepEqual(series(POD_FAMILIES, 'kube_pod_container_status_restarts_total', pod), [
    `kube_pod_container_status_restarts_total{${container}} 4`,
  ]);
  assert.deepEqual(series(POD_FAMILIES, 'kube_pod_container_status_last_terminated_reason', pod), [
    `kube_pod_container_status_last_terminated_reason{${container},reason="OOMKilled"} 1`,
  ]);
});

test('a pod without a status yet has no phase and no readiness', () => {
  const bare = { metadata: pod.metadata };
  assert.deepEqual(series(POD_FAMILIES, 'kube_pod_status_phase', bare), []);
  assert.deepEqual(series(POD_FAMILIES, 'kube_pod_status_ready', bare), []);
});

test('a deployment whose replicas are all gone shows 0 and not nothing', () => {
  const deployment: Partial<Deployment> = {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { replicas: 6 } as NonNullable<Deployment['spec']>,
    status: {},
  };
  assert.deepEqual(series(DEPLOYMENT_FAMILIES, 'kube_deployment_status_replicas_available', deployment), [
    'kube_deployment_status_replicas_available{namespace="shop",deployment="web"} 0',
  ]);
});

test('an endpoint that is not ready is told as such, under both names', () => {
  const slice: Partial<EndpointSlice> = {
    metadata: { name: 'web-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false, serving: true, terminating: true } }],
  };
  assert.deepEqual(series(ENDPOINT_SLICE_FAMILIES, 'kube_endpoint_address', slice), [
    'kube_endpoint_address{namespace="shop",endpoint="web",ip="10.0.0.1",port_name="http",port_protocol="TCP",port_number="8080",ready="false"} 1',
  ]);
  assert.match(
    series(ENDPOINT_SLICE_FAMILIES, 'kube_endpointslice_endpoints', slice)[0] ?? '',
    /ready="false",serving="true",terminating="true"/,
  );
});

test('a Service without any slice is still known as an endpoint', () => {
  const service: Partial<Service> = {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { type: 'ClusterIP' },
  };
  assert.deepEqual(series(SERVICE_FAMILIES, 'kube_endpoint_info', service), [
    'kube_endpoint_info{namespace="shop",endpoint="web"} 1',
  ]);
});
