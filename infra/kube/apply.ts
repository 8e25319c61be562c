import type { KubeClient } from './client.ts';
import type { Manifest, ObjectRef, KubeObject } from './objects.ts';

export interface ApplyOptions {
  /** Who owns the fields that are set. */
  readonly fieldManager: string;
  /** Takes fields over that another manager owns; otherwise that is a conflict, an error that names the field. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Per request, and for a CRD to be established. */
  readonly timeoutMs?: number | undefined;
  readonly dryRun?: boolean | undefined;
}
export type ApplyResult =
  | { readonly ref: ObjectRef; readonly outcome: 'created' | 'applied'; readonly object: KubeObject }
  | { readonly ref: ObjectRef; readonly outcome: 'failed'; readonly error: unknown };
export interface DeleteResult {
  readonly ref: ObjectRef;
  readonly outcome: 'deleted' | 'absent' | 'failed';
  readonly error?: unknown;
}

/** All documents of a YAML text; Lists are taken apart. `source` is for the message of an error. */
export declare function parseManifests(yaml: string, source?: string): Manifest[];
/** Server-side apply of one object. */
export declare function applyOne<T extends KubeObject>(
  kube: KubeClient,
  manifest: T,
  options: ApplyOptions,
): Promise<T>;
/** Namespaces, CRDs, RBAC first. Goes on after a failure and then rejects with ApplyError, which has every result. */
export declare function applyAll(
  kube: KubeClient,
  manifests: readonly KubeObject[],
  options: ApplyOptions,
): Promise<ApplyResult[]>;
/** In reverse order; absent is fine. `waitMs`: waits until each is really gone. */
export declare function deleteAll(
  kube: KubeClient,
  manifests: readonly KubeObject[],
  options?: { signal?: AbortSignal; timeoutMs?: number; waitMs?: number; gracePeriodSeconds?: number },
): Promise<DeleteResult[]>;
