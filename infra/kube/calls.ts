import type { Clock } from '../../harness/core/clock.ts';
import type { TransportOptions } from './transport.ts';

export interface KubeClientOptions extends TransportOptions {
  readonly clock?: Clock | undefined;
}

/** What any call may be given. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface ListSelection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends CallOptions {
  /** `'0'` reads from the server's cache and may be stale; absent: consistent. */
  readonly resourceVersion?: string | undefined;
  /** Objects per page; all pages are fetched. */
  readonly pageSize?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly subresource?: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan' | undefined;
  /** The delete is refused with 409 unless the object is still this one. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
}

/** One event about one object, as `kubectl describe` shows it. */
export interface EventNote {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, e.g. `NodeFenced`. */
  readonly reason: string;
  /** What was done, CamelCase. */
  readonly action: string;
  /** Free text; cut at the API's limit of 1 kB. */
  readonly note: string;
  /** e.g. `firedrill.dev/healer` and the pod's name. */
  readonly reportingController: string;
  readonly reportingInstance: string;
}
