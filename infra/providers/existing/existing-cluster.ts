import type { Duplex } from 'node:stream';
import { FiredrillError } from '../../../harness/core/errors.ts';
import type { Capability } from '../../../harness/core/capability.ts';
import type {
  CapabilityAnswer,
  Hold,
  Cluster,
  ClusterNode,
  Footprint,
  LoadedImage,
  MachineCall,
  PresentComponents,
  UndoneAnswer,
} from '../../cluster.ts';
import { type NodeMachines, forEachVerb } from '../../machines/verbs.ts';
import { buildImages } from '../../images/build-image.ts';
import type { ImageDefinition } from '../../images/definition.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { KubeTarget } from '../../kube/target.ts';
import type { MachineAccess } from '../../machines/machine-access.ts';
import { HOLD_LEASE, holdersOf } from '../../agents/reaper/hold-record.ts';
import { holdLease } from '../../borrowed/hold.ts';
import { collectLogs } from './collect-logs.ts';
import { referenceOn, requireImages } from './images.ts';
import { clusterNode } from '../../borrowed/nodes.ts';
import { KubeletAnswers } from './kubelet-answer.ts';
import type { ConfiguredMachines } from './machines.ts';
import { PodNetwork } from '../../kube/pod-network.ts';
import type { ReachedCluster } from './reach.ts';
import { isOnThisMachine } from './this-machine.ts';
import { clusterNameOf, type ExistingSettings } from './settings.ts';

/** Why not: nothing here is guessed, and nothing is tried to find out. */
const CANNOT: Readonly<Record<Capability, string>> = {
  'node.power':
    'no machine interface is configured for this cluster, and its kubeconfig reaches no power switch: --machines URL names one',
  'node.freeze': 'neither the API server nor a machine interface can stop a machine and let it go on',
  'node.cable': 'neither the API server nor a machine interface can unplug a machine',
  'node.replace':
    'no machine interface is configured for this cluster, and nobody here makes machines for it: --machines URL names one',
  'images.load':
    'the nodes are reached by nothing but the API server: they pull images, or have them already',
  'audit.log': "the API server's audit log is not to be read through its API",
  'storage.shared': 'nobody has said that this cluster has storage that several nodes write to',
  'networkpolicy.enforced': 'nobody has said that the network of this cluster enforces policies',
};

/** A cluster that runs already and is somebody else's, reached by nothing but its kubeconfig. */
export class ExistingCluster implements Cluster {
  readonly provider = 'existing';
  readonly borrowed = true;
  readonly software = [];
  readonly deviations = [];
  readonly name: string;
  readonly uid: string;
  readonly kubernetesVersion: string;
  readonly kubeconfigPath: string;
  readonly present: PresentComponents;
  readonly imagesUnknown: boolean;
  readonly machines: NodeMachines;
  readonly machineProfile: Cluster['machineProfile'];
  readonly machinesFromPods?: MachineAccess;
  readonly #can: ConfiguredMachines['can'];
  readonly #kubelets: KubeletAnswers;
  readonly #kube: KubeClient;
  readonly #settings: ExistingSettings;
  readonly #network: PodNetwork;

  constructor(reached: ReachedCluster, settings: ExistingSettings, machines?: ConfiguredMachines) {
    this.name = clusterNameOf(reached.context);
    this.uid = reached.uid;
    this.kubernetesVersion = reached.kubernetesVersion;
    this.kubeconfigPath = settings.kubeconfig;
    this.present = settings.present;
    this.imagesUnknown = settings.images === undefined;
    this.#kube = reached.kube;
    this.#settings = settings;
    this.#network = new PodNetwork(reached.kube);
    this.#kubelets = new KubeletAnswers(reached.kube);
    this.#can = machines?.can ?? {};
    this.machineProfile = this.can('node.power').yes ? 'configured' : 'none';
    if (machines?.fromPods !== undefined && this.can('node.power').yes)
      this.machinesFromPods = machines.fromPods;
    const refuse = (capability: Capability) => (node: string) =>
      Promise.reject(cannot(capability, node, this.can(capability)));
    const power: Partial<NodeMachines> | undefined = this.can('node.power').yes ? machines?.power : undefined;
    this.machines = {
      ...forEachVerb((_verb, { method, needs }) => power?.[method] ?? refuse(needs)),
      replace: (this.can('node.replace').yes ? machines?.power.replace : undefined) ?? refuse('node.replace'),
      inspect: power?.inspect ?? refuse('node.power'),
    };
  }

  get kube(): KubeTarget {
    return this.#kube.target;
  }

  can(capability: Capability): CapabilityAnswer {
    return this.#can[capability] ?? { yes: false, reason: CANNOT[capability] };
  }

  async nodes(): Promise<readonly ClusterNode[]> {
    const { items } = await this.#kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
    return items.map(clusterNode);
  }

  async loadImages(
    images: readonly ImageDefinition[],
    nodes?: readonly string[],
  ): Promise<readonly LoadedImage[]> {
    const { images: source, imageDirectory } = this.#settings;
    const built = await buildImages(images, imageDirectory);
    await requireImages(this.#kube, source, built, nodes);
    return built.map(({ reference, digest }) => ({ reference: referenceOn(source, reference), digest }));
  }

  connect(host: string, port: number): Promise<Duplex> {
    return this.#network.connect(host, port);
  }

  /** Node addresses are out of reach from here. */
  askKubelet(address: string): Promise<void> {
    return this.#kubelets.ask(address);
  }

  hold(session: string): Promise<Hold> {
    return holdLease(this.#kube, session);
  }

  /** Ends at once: see `can('audit.log')`. */
  async *auditEvents(): AsyncIterable<Record<string, unknown>> {}

  /** Ends at once: a machine interface does not tell one of its callers what the others do. */
  async *machineEvents(): AsyncIterable<MachineCall> {}

  async undone(): Promise<UndoneAnswer> {
    return { undone: [], holds: holdersOf(await this.#kube.find(HOLD_LEASE)) };
  }

  /** Whether one that answers at an address of this machine runs here nobody can tell. */
  footprint(): Promise<Footprint | undefined> {
    const elsewhere = { nodeGroups: {}, processes: [] };
    return Promise.resolve(isOnThisMachine(this.kube.server) ? undefined : elsewhere);
  }

  collectLogs(directory: string): Promise<void> {
    const ours = referenceOn(this.#settings.images, 'firedrill.local/');
    return collectLogs(this.#kube, directory, (image) => image.startsWith(ours));
  }

  /** @throws FiredrillError `cluster.not-ours` */
  destroy(): Promise<void> {
    return Promise.reject(notOurs(this.name));
  }
}

export function notOurs(name: string): FiredrillError {
  return new FiredrillError('cluster.not-ours', `${name} was there before us: we neither make nor end it`, {
    hint: 'what we have installed on it is taken away at the end of each run',
  });
}

function cannot(capability: Capability, node: string, answer: CapabilityAnswer): FiredrillError {
  const reason = answer.yes ? '' : answer.reason;
  return new FiredrillError('existing.not-possible', `${capability} of ${node}: ${reason}`, {
    hint: 'choose another provider, or another fault',
  });
}
