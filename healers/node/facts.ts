import type { MachinePowerState } from '../../infra/machines/protocol.ts';
import type { NodeRemediation } from './remediation.ts';

/** What a kubelet said to our own questions. */
export interface KubeletView {
  readonly failuresInRow: number;
  /** Since the first failure of the row; absent while it answers. */
  readonly silentForMs?: number;
  /** Since the last HTTP answer of any status; absent if there never was one. */
  readonly answeredAgoMs?: number;
  /** Since the first answer of the present row of answers. */
  readonly answeringForMs?: number;
  /** Since the oldest question was sent that waits for its answer longer than answers take; absent: none does. */
  readonly waitingForMs?: number;
  /** Whether any other kubelet has answered us since this one fell silent: then our own way to the nodes is sound. */
  readonly othersHeardSince?: boolean;
}

export interface MachineView {
  /** `absent`: the interface answers and does not know the node. */
  readonly state: MachinePowerState | 'absent';
  readonly ageMs: number;
  /** Why the machine that the interface lists under the name of the node is another one: what it says is no word about the node. */
  readonly mistaken?: string;
}

/**
 * The other healer's answer about this node, asked from another node. `unknown`: it did not answer. `nobody`: there is
 * no other healer, or none elsewhere than on the node in question.
 */
export interface StandbyView {
  readonly says: 'alive' | 'silent' | 'unknown' | 'nobody';
  readonly ageMs: number;
}

/** What the witnesses on other nodes say of one that is silent for us, this process counted as one of them. */
export interface Testimony {
  readonly alive: boolean;
  /** From so many nodes it was looked at all the while, and nothing on it answered. */
  readonly silent: number;
  /** From so many it has to be looked at. */
  readonly needed: number;
  /** One of the silent votes came from another zone, or there is none to come from. */
  readonly elsewhere: boolean;
  /** Why a witness had no vote. */
  readonly doubt?: string;
}

export interface WitnessView extends Testimony {
  readonly ageMs: number;
  readonly askedAgoMs: number;
}

/** How the other nodes in the zone of a silent one fare; there is no view where no other of them is ours to treat, or all nodes are in one zone. */
export interface ZoneView {
  /** One of them answers since this node fell silent, and has done so for as long as a lease may be renewed late: no zone that just comes back. */
  readonly heard: boolean;
  /** Some of those that were not asked since. */
  readonly unasked: readonly string[];
  /** None of them answers since, and the machines of all are off. */
  readonly off: boolean;
  /** The loss of the whole zone that others of it are treated for, by its name. */
  readonly loss?: string;
}

/** What this process knows of its own fencing call for an attempt. */
interface FenceView {
  readonly attempt: string;
  /** Since the machine interface answered `off` to our call; absent while it has not. */
  readonly provedAgoMs?: number;
}

/** How the pods that were deleted here fare elsewhere. */
export interface MovingView {
  /** Since the last of them was deleted. */
  readonly sinceMs: number;
  /** Pods of the same owners that are not Ready yet. */
  readonly unready: number;
  /** How many of the pods that are not Ready fit nowhere. */
  readonly unschedulable: number;
  /** Why they could not be counted. */
  readonly problem?: string;
}

/** One pod of the node, as far as moving it is concerned. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Why it stays: mirror, daemonset, finished; absent for pods that have to go. */
  readonly stays?: string;
  /** The UID of the controller that makes another one in its place; absent: nobody does. */
  readonly owner?: string;
  /** Selects the pods that its controller makes, by their labels; absent: they do not tell, and nobody waits for them. */
  readonly siblings?: string;
  /** Deleted for good, only a finalizer holds the object. */
  readonly forced: boolean;
  readonly terminating: boolean;
  /** What is left of its grace while it is terminating, as far as this process has watched. */
  readonly graceLeftMs?: number;
  /** Critical for the cluster, or our own: a drain leaves it, a dead machine does not. */
  readonly critical: boolean;
  /** A direct request to its readiness endpoint failed. */
  readonly failing: boolean;
  /** A disruption budget refused the last try. */
  readonly refused?: string;
}

export interface NodeFacts {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly zone: string;
  readonly pool: string;
  readonly ready: 'True' | 'False' | 'Unknown' | 'missing';
  /** Since this process first saw that it is not Ready; absent while it is. */
  readonly notReadyForMs?: number;
  /** Since this process saw it become Ready; absent: it was when it was first seen, or is not. */
  readonly readyForMs?: number;
  readonly seenReady: boolean;
  readonly ageMs: number;
  readonly unschedulable: boolean;
  readonly outOfServiceTaint: boolean;
  readonly deleting: boolean;
  /** A person asked for a pause of this node. */
  readonly paused?: string;
  /** Somebody else's label, taint or annotation that forbids us to touch it. */
  readonly foreignMarker?: { readonly rule: string; readonly detail: string };
  readonly remediation?: NodeRemediation;
  /** Since this process first saw the record, which may be older: the clock that wrote its time may be anybody's. */
  readonly remediationAgeMs?: number;
  /** Since this process saw the record become what it is: what it heard before says nothing about what the record tells. */
  readonly recordedForMs?: number;
  /** This process has seen it without the cordon that is ours by the record: one that is there again is somebody else's. */
  readonly cordonLifted?: true;
  readonly kubelet: KubeletView;
  readonly machine?: MachineView;
  /** Absent where there is no lease, or none that tells anything. */
  readonly leaseAgeMs?: number;
  readonly leaseDurationMs?: number;
  readonly standby?: StandbyView;
  readonly witnesses?: WitnessView;
  /** Only of a node whose kubelet is silent. */
  readonly zoneView?: ZoneView;
  readonly fence?: FenceView;
  readonly moving?: MovingView;
  /** Until each step that failed may be tried again. */
  readonly retriesInMs?: Readonly<Record<string, number>>;
  /** `gone`: it was deleted since this process saw it named. */
  readonly replacement?: { readonly present: boolean; readonly ready: boolean; readonly gone?: boolean };
  /** Read live, only while the node is under treatment. */
  readonly pods?: readonly PodFacts[];
  /** True when node, lease, pods and ledger were read from the server for this very plan. */
  readonly live: boolean;
}
