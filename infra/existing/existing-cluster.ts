import type { Duplex } from 'node:stream';
import { FiredrillError } from '../../harness/core/errors.ts';
import type {
  Capability,
  CapabilityAnswer,
  Claim,
  Cluster,
  ClusterNode,
  MachineCall,
  NodeMachines,
  PresentParts,
  UndoneAnswer,
} from '../cluster.ts';
import type { ImageDefinition } from '../images/definition.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeTarget } from '../kube/target.ts';
import { CLAIM_LEASE, holdersOf } from '../agents/reaper/claim-record.ts';
import { holdLease } from './claim.ts';
import { collectLogs } from './collect-logs.ts';
import { referenceOn, requireImages } from './images.ts';
import { clusterNode } from './nodes.ts';
import { PodNetwork } from './pod-network.ts';
import type { Reached } from './reach.ts';
import { clusterNameOf, kubeconfigPath, type ExistingSettings } from './settings.ts';

/** Why not: nothing here is guessed, and nothing is tried to find out. */
const CANNOT: Readonly<Record<Capability, string>> = {
  'node.power': 'no machine interface is configured for this cluster: its kubeconfig reaches no power switch',
  'node.freeze': 'the machines are reached by nothing but the API server, which cannot stop one',
  'node.cable': 'the machines are reached by nothing but the API server, which cannot unplug one',
  'node.replace': 'no machine interface is configured for this cluster: nobody here makes machines for it',
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
  readonly machineProfile = 'none';
  readonly software = [];
  readonly deviations = [];
  readonly name: string;
  readonly uid: string;
  readonly kubernetesVersion: string;
  readonly kubeconfigPath: string;
  readonly present: PresentParts;
  readonly machines: NodeMachines;
  readonly #kube: KubeClient;
  readonly #settings: ExistingSettings;
  readonly #network: PodNetwork;

  constructor(reached: Reached, settings: ExistingSettings) {
    this.name = clusterNameOf(reached.context);
    this.uid = reached.uid;
    this.kubernetesVersion = reached.kubernetesVersion;
    this.kubeconfigPath = kubeconfigPath(settings);
    this.present = settings.present;
    this.#kube = reached.kube;
    this.#settings = settings;
    this.#network = new PodNetwork(reached.kube);
    const refuse = (capability: Capability) => (node: string) => Promise.reject(cannot(capability, node));
    this.machines = {
      powerOff: refuse('node.power'),
      powerOn: refuse('node.power'),
      freeze: refuse('node.freeze'),
      thaw: refuse('node.freeze'),
      cableOut: refuse('node.cable'),
      cableIn: refuse('node.cable'),
      replace: refuse('node.replace'),
      inspect: refuse('node.power'),
    };
  }

  get kube(): KubeTarget {
    return this.#kube.target;
  }

  can(capability: Capability): CapabilityAnswer {
    return { yes: false, reason: CANNOT[capability] };
  }

  async nodes(): Promise<readonly ClusterNode[]> {
    const { items } = await this.#kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
    return items.map(clusterNode);
  }

  loadImages(images: readonly ImageDefinition[], nodes?: readonly string[]): Promise<void> {
    return requireImages(this.#kube, this.#settings.images, images, nodes);
  }

  imageReference(reference: string): string {
    return referenceOn(this.#settings.images, reference);
  }

  connect(host: string, port: number): Promise<Duplex> {
    return this.#network.connect(host, port);
  }

  claim(session: string): Promise<Claim> {
    return holdLease(this.#kube, session);
  }

  /** Ends at once: see `can('audit.log')`. */
  async *auditEvents(): AsyncIterable<Record<string, unknown>> {}

  /** Ends at once: there is no machine interface whose calls could be seen. */
  async *machineEvents(): AsyncIterable<MachineCall> {}

  async undone(): Promise<UndoneAnswer> {
    return { undone: [], claims: holdersOf(await this.#kube.find(CLAIM_LEASE)) };
  }

  collectLogs(directory: string): Promise<void> {
    const ours = this.imageReference('firedrill.local/');
    return collectLogs(this.#kube, directory, (image) => image.startsWith(ours));
  }

  /** @throws FiredrillError `cluster.not-ours` */
  destroy(): Promise<void> {
    return Promise.reject(notOurs(this.name));
  }
}

export function notOurs(name: string): FiredrillError {
  return new FiredrillError('cluster.not-ours', `${name} was there before us: we neither make nor end it`, {
    userError: true,
    hint: 'what we have installed on it is taken away at the end of each run',
  });
}

function cannot(capability: Capability, node: string): FiredrillError {
  return new FiredrillError('existing.not-possible', `${capability} of ${node}: ${CANNOT[capability]}`, {
    userError: true,
    hint: 'choose another provider, or another fault',
  });
}
