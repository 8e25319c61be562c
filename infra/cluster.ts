import type { ProcessIdentity } from './process/identity.ts';
import type { Sweep } from './supervisor/reap.ts';
import type {
  ClusterNode,
  ClusterSoftware,
  Footprint,
  MachineCall,
  ProvisionProgress,
  UndoneAnswer,
} from './supervisor/protocol.ts';
import type { Duplex } from 'node:stream';
import type { BuiltImage, ImageDefinition } from './images/definition.ts';
import type { NodeMachines } from './machines/verbs.ts';
import type { MachineAccess } from './machines/machine-access.ts';
import type { KubeTarget } from './kube/target.ts';
import type { Capability } from '../harness/core/capability.ts';
import type { Undo } from '../harness/core/faults/fault.ts';
import type { ToolName } from './toolchain/components.ts';

export type {
  ClusterNode,
  ClusterSoftware,
  Footprint,
  MachineCall,
  ProvisionProgress,
  UndoneAnswer,
  Holder,
  UndoneEffect,
} from './supervisor/protocol.ts';

export type CapabilityAnswer = { readonly yes: true } | { readonly yes: false; readonly reason: string };

export type MachineProfile = 'bmc' | 'cloud' | 'none';

export type NodeRole = ClusterNode['role'];

/** What is asked of a provider. */
export interface ClusterSpec {
  readonly name: string;
  readonly workers: number;
  readonly zones: number;
  readonly infraNodes: number;
  readonly machineProfile: MachineProfile;
  readonly environment: string;
  /** Whether whoever provisions it deploys monitoring on it; what the cluster says of itself. */
  readonly monitoring?: boolean;
  /** Whether something adds nodes to it by itself; what the cluster says of itself. */
  readonly autoScaling?: boolean;
  /** The cluster ends with this process; without one it stays until it is taken down. */
  readonly owner?: ProcessIdentity;
  /** Images that every node has from the start; the same as `loadImages` later, and faster. */
  readonly images?: readonly ImageDefinition[];
  /** Images that only infra nodes need; others may have them, too. */
  readonly infraImages?: readonly ImageDefinition[];
  /** Where the logs go when the start fails, before all of it is taken away. */
  readonly logsOfFailure?: string;
}

/**
 * A session's hold on a cluster. The supervisor reverts what was registered here when the holder's heartbeat stops.
 * The holder keeps it alive until `release`.
 */
export interface Hold {
  readonly id: string;
  /** Registers the undo of an effect that is about to be made; call it before the effect. */
  registerUndo(injectionId: string, undo: Undo): Promise<void>;
  /** Says that the effect is gone and its undo no longer needed. */
  forgetUndo(injectionId: string): Promise<void>;
  /** Why the last sign of life did not reach the supervisor; undefined while all is well. */
  readonly lost: string | undefined;
  release(): Promise<void>;
}

/** A Service that stands on a cluster already. */
export interface ServiceRef {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** What stands on a cluster already and is to be used in place of ours. */
export interface PresentComponents {
  readonly prometheus?: ServiceRef;
  readonly alertmanager?: ServiceRef;
  /** Our healer, by its own manifests. */
  readonly healer: boolean;
}

/** An image that a cluster's nodes know; its reference is what it is called there. */
export type LoadedImage = Pick<BuiltImage, 'reference' | 'digest'>;

/** A cluster in use; the same face for every provider. */
export interface Cluster {
  readonly name: string;
  readonly provider: string;
  /** UID of the kube-system namespace. */
  readonly uid: string;
  readonly kubernetesVersion: string;
  /** How its machine interface behaves; `configured` is one of its owner's, and how that behaves is not known. */
  readonly machineProfile: MachineProfile | 'configured';
  readonly kubeconfigPath: string;
  readonly kube: KubeTarget;
  /** What it is made of, as far as the provider knows: etcd, the container runtime, the network plugins and so on. */
  readonly software: readonly ClusterSoftware[];
  /** What it does otherwise than a stock cluster, one line each. */
  readonly deviations: readonly string[];
  /** The cluster is somebody else's: nothing on it is changed that is not ours, and what we install goes at the end of the run. */
  readonly borrowed?: true;
  /** Absent: nothing of all this, or nobody has said so. */
  readonly present?: PresentComponents;
  /** The machine interface as pods reach it, for whoever cleans up from the inside; absent: pods do not reach it. */
  readonly machinesFromPods?: MachineAccess;
  can(capability: Capability): CapabilityAnswer;
  nodes(): Promise<readonly ClusterNode[]>;
  readonly machines: NodeMachines;
  /** Makes images known to every node, or to those named; says in the same order what each is called there. */
  loadImages(images: readonly ImageDefinition[], nodes?: readonly string[]): Promise<readonly LoadedImage[]>;
  /** Nobody has said where the nodes get our images from, so `loadImages` refuses. */
  readonly imagesUnknown?: boolean;
  /** Opens a TCP connection to a pod or node address inside the cluster's network. */
  connect(host: string, port: number): Promise<Duplex>;
  /** Resolves when the kubelet at a node's address has answered anything; absent: its port can be connected to. */
  askKubelet?(address: string): Promise<void>;
  hold(session: string): Promise<Hold>;
  /** API audit events (parsed JSON lines of audit.k8s.io/v1) from now on, until the signal aborts. */
  auditEvents(signal: AbortSignal): AsyncIterable<Record<string, unknown>>;
  /** Calls at the machine interface from now on, until the signal aborts. */
  machineEvents(signal: AbortSignal): AsyncIterable<MachineCall>;
  /** What the supervisor has undone in place of holders, and who still holds the cluster; for as long as it is up. */
  undone(): Promise<UndoneAnswer>;
  /** What of it runs on this machine now; undefined where nobody knows. */
  footprint(): Promise<Footprint | undefined>;
  /** Copies what the nodes and the control plane logged into `directory`. */
  collectLogs(directory: string): Promise<void>;
  /** Ends the cluster, whoever holds it. */
  destroy(): Promise<void>;
}

export interface ClusterProvider {
  readonly name: string;
  /** The provider is never chosen for anybody: its clusters are somebody's own, and have to be named. */
  readonly onlyWhenAsked?: true;
  /**
   * The name of the cluster that is meant, where it makes none and attaches to one that is there.
   * @throws FiredrillError where nobody has said which
   */
  standing?(): string;
  /** Variables of the environment that are settings of its own, besides the engine's name; absent: none. */
  readonly settings?: readonly string[];
  /** What its clusters will run, e.g. `v1.36.3`, where that is known before one exists. */
  readonly kubernetesVersion?: string;
  /** The programs that it provisions with, so that they can be had together with the others that a run needs. */
  readonly programs?: readonly ToolName[];
  /** Whether it can work here, and if not, every reason. */
  applies(): Promise<{ readonly yes: true } | { readonly yes: false; readonly reasons: readonly string[] }>;
  /**
   * Refuses a run that this machine cannot carry, before anything is fetched or built for it; absent: provisioning says so.
   * @throws FiredrillError `provider.not-ready` with everything that is missing
   */
  requireMachine?(nodes: number, signal: AbortSignal): Promise<void>;
  provision(
    spec: ClusterSpec,
    onProgress: (progress: ProvisionProgress) => void,
    signal: AbortSignal,
  ): Promise<Cluster>;
  /** @throws FiredrillError `cluster.unknown`, `cluster.starting`, `cluster.failed` */
  attach(name: string, signal?: AbortSignal): Promise<Cluster>;
  /**
   * Ends a cluster in whatever state it is, also one that is starting or that never came up.
   * @throws FiredrillError `cluster.unknown`, `cluster.in-use` where a session holds it and `force` was not given
   */
  end(name: string, options: { readonly force: boolean }): Promise<void>;
  /** Names of the clusters that somebody stands behind, those that are starting or have failed among them. */
  list(): Promise<readonly string[]>;
  /** Copies what a cluster has logged into `directory`; also that of one that has died and was not cleared away yet. */
  collectLogs(name: string, directory: string): Promise<void>;
  /** Takes away what a killed supervisor has left of a cluster; absent where clusters have no supervisor. */
  readonly sweep?: Sweep;
}
