import type { Clock } from '../core/clock.ts';
import type { FaultKind } from '../core/faults/catalogue.ts';
import type { Fault, ResolvedTarget, Undo } from '../core/faults/fault.ts';
import type { Cluster } from '../../infra/cluster.ts';

/** One connection to a kubelet, over which it is asked whether it lives. */
export interface LivenessConnection {
  /** Resolves when any answer came, also 401; rejects when the connection broke or the time is over. */
  ask(withinMs: number): Promise<void>;
  close(): void;
}

/** How one pod can be asked from outside whether it lives. */
export interface ProbedPod {
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

/** Pods as far as injectors act on them; each is that of its UID, never a later one of the same name. */
export interface PodAccess {
  /** @throws FiredrillError `fault.no-pod` where it is gone, `fault.pod-not-askable` where nobody could see its end */
  askable(pod: ResolvedTarget): Promise<ProbedPod>;
  openLine(pod: ProbedPod): Promise<LivenessConnection>;
  /** Whether the API still has it. */
  exists(pod: ResolvedTarget): Promise<boolean>;
  /** Ends it at once, without any grace. One that is gone already is no error. */
  kill(pod: ResolvedTarget): Promise<void>;
}

/** What an injector works with. */
export interface FaultContext {
  readonly cluster: Pick<Cluster, 'machines' | 'nodes'>;
  /** Opens a line to the kubelet of the machine at an address. */
  readonly openLivenessConnection: (address: string) => Promise<LivenessConnection>;
  readonly pods: PodAccess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What an observer other than the injector saw of a fault. */
export interface Evidence {
  readonly observer: string;
  readonly observation: string;
  readonly monoMs: number;
  readonly wallMs: number;
  /** How much earlier or later the fault may have begun to bite. */
  readonly errorMs: number;
}

/**
 * Watches one target from before the fault is applied. `proof` resolves when the fault is seen to bite;
 * `lastSeen` says what was seen last, for the case that it never does.
 */
export interface Witness extends AsyncDisposable {
  readonly proof: Promise<Evidence>;
  lastSeen(): string;
}

/** Code for one kind of fault. */
export interface Injector {
  readonly kind: FaultKind;
  /** How long the proof may take, counted from the injector's acknowledgement. */
  readonly evidenceWithinMs: number;
  /** The undo of the effect on one target; made before the effect. */
  undo(target: ResolvedTarget): Undo;
  /** Starts to watch a target; resolves when the normal state has been seen at least once. */
  witness(target: ResolvedTarget, context: FaultContext): Promise<Witness>;
  apply(target: ResolvedTarget, fault: Fault, context: FaultContext): Promise<void>;
}
