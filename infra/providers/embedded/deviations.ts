import type { CgroupVersion } from './cgroup-tree.ts';

/** What every embedded cluster does otherwise than a stock one of kubeadm's. */
const ALWAYS: readonly string[] = [
  'kubelet evictionHard: nodefs.available 5% instead of 10%, nodefs.inodesFree 3% instead of 5%, no imagefs limits',
  'kubelet imageGCHighThresholdPercent: 100 instead of 85: images are never collected',
  'kubelet enforceNodeAllocatable: none instead of pods',
  'kubelet featureGates: KubeletInUserNamespace, which tolerates kernel settings that cannot be changed',
  'kubelet failSwapOn: false instead of true',
  'kernel: vm.overcommit_memory, kernel.panic and the others that a kubelet sets are left to the host',
  'kube-proxy conntrack: the size and times of the table are left to the host',
  'etcd: one member, unsafe-no-fsync: writes wait for no disk',
  'etcd heartbeat-interval: 20 ms instead of 100, election-timeout: 100 ms instead of 1000: its only member elects itself',
  'bootstrap objects, as the built-in ClusterRoles: restored from an earlier cluster of the same API server, so they look older than the cluster',
  'node disks: mounted with nobarrier, since a power cut here leaves the page cache of the host as it is',
  'kube-controller-manager kube-api-qps: 200 instead of 20, so that it starts within a second',
  'image files: on one read-only disk for all nodes',
  'nodes: without ip6tables, since the cluster has IPv4 addresses alone',
  'infra node: eight times the processor weight of a worker',
  'control plane: outside of the nodes, so no fault of a node hits it',
  'control plane: of high priority (nice -14), as if it had machines of its own',
];

const OOM =
  'cgroup version 1 on this machine: running out of memory ends one process of a container instead of all of them';

/** What the embedded clusters of a machine do otherwise than stock ones, one line each: for whoever reads a figure of them. */
export function embeddedDeviations(version: CgroupVersion): readonly string[] {
  return version === 1 ? [...ALWAYS, OOM] : ALWAYS;
}
