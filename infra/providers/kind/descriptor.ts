import type { Duplex } from 'node:stream';
import { PodNetwork } from '../../kube/pod-network.ts';
import { KubeClient } from '../../kube/client.ts';
import type { RemoteCluster, ProviderDescriptor } from '../../supervisor/remote-cluster.ts';
import { sweepKind } from './sweep.ts';

/** What a kind cluster does otherwise than a stock one of kubeadm's, one line each: for whoever reads a figure of it. */
const DEVIATIONS: readonly string[] = [
  'kind: every node is a container of one engine on one machine, and shares its kernel, disk and processors',
  "kind: kubelet evictionHard 0% for disks and imageGCHighThresholdPercent 100: the host's disk is not the node's",
  'kind: the API server keeps an audit log, which a stock one does not',
  'infra node: eight times the processor weight of a worker',
  'kind: CoreDNS has both replicas on the control plane, which no fault of a worker hits',
];

/** Why machines of a cluster that nerdctl has made are not replaced: `cannotReplace` of its plan. */
export const NERDCTL_CANNOT_REPLACE =
  'nerdctl does not tell enough of a container to make another one like it: the machine is restarted clean instead';

const networks = new WeakMap<RemoteCluster, PodNetwork>();

/** The nodes' addresses are reached from the machine that their engine runs on; those of pods through the API server. */
async function connect(cluster: RemoteCluster, host: string, port: number): Promise<Duplex> {
  const nodes = await cluster.nodes();
  if (nodes.some(({ address }) => address === host)) return await cluster.throughSupervisor(host, port);
  const network = networks.get(cluster) ?? new PodNetwork(new KubeClient(cluster.kube));
  networks.set(cluster, network);
  return await network.connect(host, port);
}

export const kindDescriptor = (env: NodeJS.ProcessEnv): ProviderDescriptor => ({
  provider: 'kind',
  env,
  sweep: (directory) => sweepKind(directory, env),
  deviations: DEVIATIONS,
  cannot: {
    'storage.shared': "kind's storage class makes volumes on one node's disk: no two nodes can share one",
    'networkpolicy.enforced':
      "whether policies are enforced depends on the node image's network plug-in, and nobody has shown it",
  },
  connect,
});
