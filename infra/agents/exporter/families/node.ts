import type { Node } from '../../../kube/objects.ts';
import {
  CONDITION_STATES,
  eachState,
  epochS,
  gauge,
  known,
  nameOf,
  one,
  type StateFamily,
} from './family.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

export const NODE_FAMILIES: readonly StateFamily<Node>[] = [
  gauge('kube_node_info', 'Information about a cluster node.', (node) => {
    const info = node.status?.nodeInfo;
    return one({
      node: nameOf(node),
      kernel_version: info?.kernelVersion ?? '',
      os_image: info?.osImage ?? '',
      container_runtime_version: info?.containerRuntimeVersion ?? '',
      kubelet_version: info?.kubeletVersion ?? '',
      kubeproxy_version: 'deprecated',
      provider_id: node.spec?.providerID ?? '',
      pod_cidr: node.spec?.podCIDR ?? '',
      system_uuid: info?.systemUUID ?? '',
      internal_ip: node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    });
  }),
  gauge('kube_node_created', 'Unix creation timestamp.', (node) =>
    known({ node: nameOf(node) }, epochS(node.metadata?.creationTimestamp)),
  ),
  gauge('kube_node_deletion_timestamp', 'Unix deletion timestamp.', (node) =>
    known({ node: nameOf(node) }, epochS(node.metadata?.deletionTimestamp)),
  ),
  gauge('kube_node_role', 'The role of a cluster node.', (node) =>
    Object.keys(node.metadata?.labels ?? {})
      .filter((label) => label.startsWith(ROLE_PREFIX))
      .map((label) => ({ labels: { node: nameOf(node), role: label.slice(ROLE_PREFIX.length) }, value: 1 })),
  ),
  gauge('kube_node_spec_unschedulable', 'Whether a node can schedule new pods.', (node) =>
    one({ node: nameOf(node) }, node.spec?.unschedulable === true ? 1 : 0),
  ),
  gauge('kube_node_spec_taint', 'The taint of a cluster node.', (node) =>
    (node.spec?.taints ?? []).map(({ key, value, effect }) => ({
      labels: { node: nameOf(node), key, value: value ?? '', effect },
      value: 1,
    })),
  ),
  gauge('kube_node_status_condition', 'The condition of a cluster node.', (node) =>
    (node.status?.conditions ?? []).flatMap(({ type, status }) =>
      eachState({ node: nameOf(node), condition: type }, 'status', CONDITION_STATES, status.toLowerCase()),
    ),
  ),
];
