/**
 * The addresses of an embedded cluster. Every cluster has a hub network namespace of its own, so all of them use
 * the same ones.
 */
export const NETWORK_PLAN = {
  bridge: 'hub0',
  /** The hub: gateway of the nodes, home of the control plane. */
  hubAddress: '10.188.0.1',
  nodePrefixLength: 16,
  podCidr: '10.189.0.0/16',
  serviceCidr: '10.190.0.0/16',
  kubernetesServiceAddress: '10.190.0.1',
  dnsAddress: '10.190.0.10',
  clusterDomain: 'cluster.local',
  apiServerPort: 6443,
  etcdPort: 2379,
  machinePort: 8443,
} as const;

/** The most machines that a cluster may ever have, replaced ones included: one /24 of pods each. */
export const MACHINES_MAX = 250;

/** Address of the machine with this ordinal, 1 to {@link MACHINES_MAX}. */
export function nodeAddress(ordinal: number): string {
  return `10.188.1.${ordinal}`;
}

/** The /24 for the pods of the machine with this ordinal. */
export function podSubnet(ordinal: number): string {
  return `10.189.${ordinal}.0/24`;
}

/** The hub's end of the machine's cable; at most 15 characters, as the kernel wants. */
export function cableName(ordinal: number): string {
  return `cable${ordinal}`;
}
