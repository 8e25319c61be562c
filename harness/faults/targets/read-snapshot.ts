import type { Cluster } from '../../../infra/cluster.ts';
import type { KubeClient } from '../../../infra/kube/client.ts';
import type { ConfigMap, Node, Pod } from '../../../infra/kube/objects.ts';
import { readPermission, PERMISSION_CONFIG_MAP } from '../../core/owner/permission.ts';
import type { Permit } from '../../core/owner/permit.ts';
import { given } from '../../core/given.ts';
import type { ClusterSnapshot, SnapshotNode, SnapshotPod } from './cluster-snapshot.ts';

/** Where the healer keeps its leader lease. */
const HEALER_LEASE = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespace: 'firedrill-system',
  name: 'firedrill-healer',
} as const;

/** Reads what target resolution and guards need, consistently enough: all lists are of the same moment +- one round trip. */
export async function readSnapshot(
  cluster: Pick<Cluster, 'nodes'>,
  kube: KubeClient,
  signal: AbortSignal,
  permit?: Permit,
): Promise<ClusterSnapshot> {
  const [machines, nodes, pods, lease, permission, system] = await Promise.all([
    cluster.nodes(),
    kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal }),
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, { signal }),
    kube.find(HEALER_LEASE, { signal }),
    kube.find(PERMISSION_CONFIG_MAP, { signal }),
    kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' } as const, { signal }),
  ]);
  const roleOf = new Map(machines.map((machine) => [machine.name, machine.role]));
  const worldPods = pods.items.filter(isAlive).map(worldPod);
  const holder = lease?.spec?.holderIdentity ?? '';
  const leader = worldPods.find(
    (pod) => pod.namespace === HEALER_LEASE.namespace && holder.startsWith(pod.name),
  );
  return {
    nodes: nodes.items.map((node) => worldNode(node, roleOf.get(node.metadata?.name ?? '') ?? 'worker')),
    pods: worldPods,
    ...permissionOf(permission, system.metadata?.uid ?? '', kube.clock.now().wallMs, permit),
    ...(leader?.node !== undefined ? { healerLeaderNode: leader.node } : {}),
  };
}

function permissionOf(
  permission: ConfigMap | undefined,
  clusterUid: string,
  wallMs: number,
  permit: Permit | undefined,
): Pick<ClusterSnapshot, 'granted' | 'notGranted' | 'allowed' | 'policy'> {
  // A ConfigMap without data is one all the same.
  const reading = readPermission(permission === undefined ? undefined : (permission.data ?? {}), clusterUid);
  if (!reading.granted) return { granted: false, notGranted: reading.why };
  const { allowed, policy } = reading;
  return {
    granted: true,
    ...given({ allowed }),
    ...(policy === undefined ? {} : { policy: { policy, clusterUid, wallMs, ...given({ permit }) } }),
  };
}

function isAlive(pod: Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp === undefined &&
    !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')
  );
}

function worldNode(node: Node, role: SnapshotNode['role']): SnapshotNode {
  const labels = node.metadata?.labels ?? {};
  return {
    name: node.metadata?.name ?? '',
    uid: node.metadata?.uid ?? '',
    zone: labels['topology.kubernetes.io/zone'] ?? '',
    role,
    labels,
    ready: isTrue(node.status?.conditions, 'Ready'),
  };
}

function worldPod(pod: Pod): SnapshotPod {
  const controller = pod.metadata?.ownerReferences?.find((owner) => owner.controller === true);
  const node = pod.spec?.nodeName;
  return {
    namespace: pod.metadata?.namespace ?? '',
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    labels: pod.metadata?.labels ?? {},
    ready: isTrue(pod.status?.conditions, 'Ready'),
    ...given({ node }),
    ...(controller === undefined ? {} : { owner: `${controller.kind}/${controller.name}` }),
  };
}

function isTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return (conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
}
