import type { Capability } from '../../harness/core/capability.ts';
import type { Holder, ClusterNode, ClusterSoftware, ClusterSpec } from '../cluster.ts';

/**
 * The control door: HTTP with JSON bodies over a unix socket (mode 0600) in the cluster's state directory.
 *
 *   GET    /v1/status                               -> SupervisorStatus
 *   GET    /v1/nodes                                -> ClusterNode[]
 *   GET    /v1/nodes/NAME                           -> NodeInspection
 *   POST   /v1/nodes/NAME/VERB                      power-off | power-on | freeze | thaw | cable-out | cable-in -> NodeInspection
 *   POST   /v1/nodes/NAME/replace                   -> { replacement: string }
 *   POST   /v1/images         body: LoadImages      -> { loaded: string[] }
 *   POST   /v1/holds         body: HoldRequest    -> { id: string }   409 when another session holds the cluster
 *   PUT    /v1/holds/ID/beat                       -> {}
 *   PUT    /v1/holds/ID/undos/INJECTION  body: Undo -> {}
 *   DELETE /v1/holds/ID/undos/INJECTION            -> {}
 *   DELETE /v1/holds/ID                            -> {}  runs what undos are left, newest first
 *   GET    /v1/audit                                -> JSON lines, API audit events from now on
 *   GET    /v1/machine-calls                        -> JSON lines, MachineCall from now on
 *   GET    /v1/connect?host=H&port=P                Upgrade: tcp -> 101 and a raw tunnel into the cluster's network
 *   POST   /v1/logs           body: { directory }   -> {}
 *   GET    /v1/undone                               -> UndoneAnswer, what was undone in place of holders
 *   POST   /v1/quarantine/lift                      -> { left: string[] }  ends the quarantine where nothing is left
 *   POST   /v1/down           body: DownRequest     409 while a session holds the cluster, unless forced
 *                                                   -> {} after everything is gone but the supervisor itself
 */
export interface SupervisorStatus {
  readonly name: string;
  readonly pid: number;
  readonly phase: 'starting' | 'ready' | 'failed' | 'stopping';
  readonly detail: string;
  /** Why it failed, where the input or this machine is at fault and not we. */
  readonly refusal?: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly spec: ClusterSpec;
  readonly uid: string;
  readonly kubernetesVersion: string;
  readonly software: readonly ClusterSoftware[];
  /** What this one cluster cannot do though others of its provider can, and why. */
  readonly cannot?: Readonly<Partial<Record<Capability, string>>>;
  readonly kubeconfigPath: string;
  readonly apiServerUrl: string;
  readonly startedAtMs: number;
  readonly readyAfterMs?: number;
  readonly nodes: readonly ClusterNode[];
  readonly holds: readonly Holder[];
  /** Milliseconds that each step of the start took. */
  readonly timings: Readonly<Record<string, number>>;
  /** An effect could not be undone; nobody may hold the cluster until `reap` has shown it clean. */
  readonly quarantined: boolean;
}

export interface DownRequest {
  readonly force?: boolean;
}

export interface HoldRequest {
  readonly session: string;
  readonly pid: number;
  /** The hold lapses when no beat came for this long. */
  readonly timeToLiveMs: number;
}

export interface LoadImages {
  readonly images: readonly { readonly reference: string; readonly archive: string }[];
  readonly nodes?: readonly string[];
}
