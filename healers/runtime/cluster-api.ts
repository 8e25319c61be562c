import { FiredrillError } from '../../harness/core/errors.ts';
import type { ConfigMapObject, LeaseObject, NodeObject, PatchOperation, PodObject } from './objects.ts';

/** Names one incarnation of a pod. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A Kubernetes Event about an object, before it has a name. */
export interface EventBody {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly message: string;
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
  };
}

/**
 * Everything that a healer asks of the API server, one method per permission. Reads go to the server, not to a cache.
 * A write whose precondition no longer holds throws `ConflictError`: the world moved on, so plan again.
 */
export interface ClusterApi {
  readNode(name: string, signal: AbortSignal): Promise<NodeObject | undefined>;
  readNodeLease(name: string, signal: AbortSignal): Promise<LeaseObject | undefined>;
  patchNode(name: string, patch: readonly PatchOperation[], signal: AbortSignal): Promise<NodeObject>;
  deleteNode(name: string, uid: string, signal: AbortSignal): Promise<void>;
  listPodsOnNode(name: string, signal: AbortSignal): Promise<readonly PodObject[]>;
  /** All pods of a namespace, as the server's cache has them: good for counting, not for acting. */
  listPodsIn(namespace: string, signal: AbortSignal): Promise<readonly PodObject[]>;
  /** Deletes exactly this incarnation; a pod that is gone already counts as deleted. */
  deletePod(pod: PodIdentity, graceSeconds: number, signal: AbortSignal): Promise<void>;
  /** Asks for an eviction; `refused` carries the words of the disruption budget. */
  evictPod(pod: PodIdentity, signal: AbortSignal): Promise<EvictionAnswer>;
  readLedger(signal: AbortSignal): Promise<ConfigMapObject | undefined>;
  /** Creates or replaces the ledger; the object read before gives the precondition. */
  writeLedger(
    before: ConfigMapObject | undefined,
    data: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ConfigMapObject>;
  createEvent(event: EventBody, signal: AbortSignal): Promise<void>;
}

export type EvictionAnswer =
  { readonly answer: 'evicted' | 'gone' } | { readonly answer: 'refused'; readonly message: string };

/** A precondition failed: somebody changed the object in between. */
export class ConflictError extends FiredrillError {
  constructor(message: string, cause?: unknown) {
    super('healer.conflict', message, { cause });
    this.name = 'ConflictError';
  }
}
