import type { Clock } from '../../harness/core/clock.ts';
import type { KubeClient } from './client.ts';

/** One period of leadership. */
export interface Term {
  /** Aborts at the moment when leadership ends or can no longer be proved. */
  readonly signal: AbortSignal;
  /** Counts the changes of leader: a fencing token. */
  readonly transitions: number;
}

export interface LeaderElectorOptions {
  readonly namespace: string;
  readonly name: string;
  /** Unique among the candidates, e.g. the pod's name and UID. */
  readonly identity: string;
  /** Others wait so long after the last change they saw; whole seconds. Default 4000. */
  readonly leaseDurationMs?: number;
  /** The leader stops by itself when its last success is so old. Default 3000. */
  readonly renewDeadlineMs?: number;
  /** Default 1000. */
  readonly retryMs?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly onStartedLeading: (term: Term) => void;
  /** Called at once when a term ends. On stop, its promise is awaited before the lease is given up. */
  readonly onStoppedLeading: (reason: string) => void | Promise<void>;
  /** Another holder, or ourselves, was seen. */
  readonly onNewLeader?: (identity: string) => void;
}

export declare class LeaderElector {
  constructor(kube: KubeClient, options: LeaderElectorOptions);
  /** Competes until the signal aborts, then gives the lease up. Outages of the API server are lived through. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether our last renewal is younger than the renew deadline, by the monotonic clock. Ask before each destructive call. */
  stillLeading(): boolean;
  /** Who holds the lease, as last seen. */
  readonly leader: string | undefined;
}
