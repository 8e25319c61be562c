import { randomUUID } from 'node:crypto';

/** Objects as large as those of a usual cluster, in the form in which the API server keeps them. */
const IMAGES = 50;
const ENDPOINTS_OF_SLICE = 100;
const PODS_OF_REPLICA_SET = 20;

const digits = (number: number, length: number): string => String(number).padStart(length, '0');
export const nodeName = (number: number): string => `node-${number}`;
/** A loopback address for each node, whose kubelet listens there. */
export const nodeAddress = (number: number): string =>
  `127.1.${Math.floor(number / 250)}.${(number % 250) + 1}`;

/** Kubelets list up to fifty images in the status of their node: some 15 KB of JSON. */
export function nodeOf(number: number, uid: string, kubeletPort: number): object {
  const name = nodeName(number);
  const now = new Date().toISOString().replace(/\.\d+Z/, 'Z');
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': 'm6i.2xlarge',
    'topology.kubernetes.io/region': 'region-1',
    'topology.kubernetes.io/zone': `zone-${number % 3}`,
  };
  const condition = (type: string, status: string) => ({
    ...{ type, status, lastHeartbeatTime: now, lastTransitionTime: '2026-01-01T00:00:00Z' },
    reason: `Kubelet${type}`,
    message: `the kubelet says that ${type} is ${status}`,
  });
  const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];
  return {
    ...{ apiVersion: 'v1', kind: 'Node' },
    metadata: {
      ...{ name, uid, labels, creationTimestamp: '2026-01-01T00:00:00Z' },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'csi.volume.kubernetes.io/nodeid': `{"csi":"${name}"}`,
      },
      managedFields: [managedFields(name, 'status', 60)],
    },
    spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'], providerID: `aws:///zone/${name}` },
    status: {
      addresses: [
        { type: 'InternalIP', address: nodeAddress(number) },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      conditions: [...pressures.map((type) => condition(type, 'False')), condition('Ready', 'True')],
      capacity: { cpu: '8', memory: '32Gi', pods: '110' },
      allocatable: { cpu: '7910m', memory: '30Gi', pods: '110' },
      nodeInfo: { kubeletVersion: 'v1.34.0', osImage: 'Linux', kernelVersion: '6.12', machineID: uid },
      images: Array.from({ length: IMAGES }, (_, image) => ({
        names: [
          `registry.example.com/team/service-${image}@sha256:${'0123456789abcdef'.repeat(4)}`,
          `registry.example.com/team/service-${image}:1.${image}.0`,
        ],
        sizeBytes: 100_000_000 + image,
      })),
    },
  };
}

export function leaseOf(number: number, uid: string): object {
  const name = nodeName(number);
  return {
    ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
    metadata: {
      ...{ name, namespace: 'kube-node-lease', uid, creationTimestamp: '2026-01-01T00:00:00Z' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
      managedFields: [managedFields(name, '', 6)],
    },
    spec: {
      ...{ holderIdentity: name, leaseDurationSeconds: 40 },
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  };
}

/** A running pod of a ReplicaSet, some 2.5 KB of JSON; the pods of a ReplicaSet are on nodes beside each other. */
export function podOf(number: number, nodes: number): readonly [string, object] {
  const set = Math.floor(number / PODS_OF_REPLICA_SET);
  const app = `app-${set}`;
  const hash = digits(set, 8);
  const name = `${app}-${hash}-${digits(number % PODS_OF_REPLICA_SET, 5)}`;
  const namespace = 'default';
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: `${app}-${hash}`,
    uid: replicaSetUid(set),
  };
  const condition = (type: string) => ({
    ...{ type, status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z' },
  });
  const image = 'registry.example.com/team/service:1.0.0';
  const pod = {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ name, namespace, uid: randomUUID(), creationTimestamp: '2026-01-01T00:00:00Z' },
      labels: { app, 'pod-template-hash': hash, team: 'storefront' },
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
      managedFields: [managedFields('kubelet', 'status', 25)],
    },
    spec: {
      ...{ nodeName: nodeName(number % nodes), restartPolicy: 'Always', terminationGracePeriodSeconds: 30 },
      containers: [
        {
          ...{
            name: 'web',
            image,
            terminationMessagePath: '/dev/termination-log',
            imagePullPolicy: 'Always',
          },
          resources: { requests: { cpu: '100m', memory: '128Mi' } },
          env: Array.from({ length: 5 }, (_, each) => ({
            name: `SETTING_${each}`,
            value: `value of ${each}`,
          })),
        },
      ],
    },
    status: {
      phase: 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
      containerStatuses: [
        { ...{ name: 'web', image, imageID: image, ready: true, restartCount: 0 }, state: {} },
      ],
      podIP: podAddress(number),
    },
  };
  return [`pods/${namespace}/${name}`, pod];
}

/** The endpoints of so many pods, one slice for a hundred. */
export function* slicesOf(pods: number, nodes: number): Iterable<readonly [string, object]> {
  for (let first = 0; first < pods; first += ENDPOINTS_OF_SLICE) {
    const name = `service-${first / ENDPOINTS_OF_SLICE}`;
    const count = Math.min(ENDPOINTS_OF_SLICE, pods - first);
    yield [
      `endpointslices/default/${name}`,
      {
        ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
        metadata: {
          name,
          namespace: 'default',
          uid: randomUUID(),
          creationTimestamp: '2026-01-01T00:00:00Z',
        },
        endpoints: Array.from({ length: count }, (_, index) => ({
          addresses: [podAddress(first + index)],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: nodeName((first + index) % nodes),
          targetRef: { kind: 'Pod', namespace: 'default', name: `pod-${first + index}`, uid: randomUUID() },
          zone: `zone-${((first + index) % nodes) % 3}`,
        })),
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ];
  }
}

function replicaSetUid(set: number): string {
  return `00000000-0000-0000-0000-${digits(set, 12)}`;
}

function podAddress(number: number): string {
  return `10.${Math.floor(number / 62_500) + 1}.${Math.floor(number / 250) % 250}.${(number % 250) + 1}`;
}

function managedFields(manager: string, subresource: string, fields: number): object {
  return {
    ...{
      manager,
      operation: 'Update',
      apiVersion: 'v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
    },
    ...(subresource === '' ? {} : { subresource }),
    fieldsV1: Object.fromEntries(
      Array.from({ length: fields }, (_, field) => [`f:field-${field}`, { 'f:status': {}, 'f:time': {} }]),
    ),
  };
}
