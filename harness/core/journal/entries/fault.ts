import type { Fault, ResolvedTarget, Undo } from '../../faults/fault.ts';

/** One injection, from the request to its revert. */
export type FaultEntry =
  | FaultRequested
  | FaultResolved
  | FaultIntent
  | FaultApplied
  | FaultEffective
  | FaultIneffective
  | FaultReverted;

interface FaultRequested {
  readonly kind: 'fault.requested';
  readonly injectionId: string;
  readonly fault: Fault;
}

interface FaultResolved {
  readonly kind: 'fault.resolved';
  readonly injectionId: string;
  readonly targets: readonly ResolvedTarget[];
  readonly leaderHit: boolean;
  /** Pods of the workload that live on, or are, the targets. */
  readonly podsHit: number;
  readonly podsTotal: number;
}

interface FaultIntent {
  readonly kind: 'fault.intent';
  readonly injectionId: string;
  readonly undo: Undo;
}

interface FaultApplied {
  readonly kind: 'fault.applied';
  readonly injectionId: string;
  /** Milliseconds from the injector's call to its acknowledgement. */
  readonly ackMs: number;
}

interface FaultEffective {
  readonly kind: 'fault.effective';
  readonly injectionId: string;
  /** The independent observer, never the injector. */
  readonly observer: string;
  readonly observation: string;
  readonly effectiveMonoMs: number;
  readonly effectiveWallMs: number;
  readonly errorMs: number;
}

interface FaultIneffective {
  readonly kind: 'fault.ineffective';
  readonly injectionId: string;
  readonly waitedMs: number;
  readonly lastSeen: string;
}

interface FaultReverted {
  readonly kind: 'fault.reverted';
  readonly injectionId: string;
  readonly ok: boolean;
  readonly observation: string;
  readonly by: 'trial' | 'supervisor' | 'expiry' | 'reaper';
}
