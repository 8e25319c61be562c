import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { inOrder } from './apply-order.ts';
import type { KubeClient } from './client.ts';
import { BackOff } from './back-off.ts';
import { isNotFound, isPassing } from './errors.ts';
import { describeRef, refOf, type KubeObject, type Manifest, type ObjectRef } from './objects.ts';
import { crdEstablished } from './readiness.ts';
import { waitDeleted, waitForObject } from './wait.ts';

/** Decides before anything is applied which of the objects may be; what it throws ends the whole. */
export type Admit = (objects: readonly KubeObject[]) => Promise<readonly KubeObject[]>;

interface ApplyOptions {
  /** Who owns the fields that are set. */
  readonly fieldManager: string;
  /** Takes over fields that another manager owns; otherwise that is a conflict: an error that names the fields. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For many objects only; absent: all of them. */
  readonly admit?: Admit | undefined;
}

export interface Applied {
  readonly ref: ObjectRef;
  readonly outcome: 'created' | 'applied';
  /** As the API server has it now. */
  readonly object: Manifest;
}
type ApplyResult =
  | Applied
  | { readonly ref: ObjectRef; readonly outcome: 'failed'; readonly error: unknown }
  /** The object was not tried, since something that it may need had failed. */
  | { readonly ref: ObjectRef; readonly outcome: 'skipped' };

interface DeleteResult {
  readonly ref: ObjectRef;
  readonly outcome: 'deleted' | 'absent' | 'failed';
  readonly error?: unknown;
}

interface DeleteAllOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait until each object is really gone, and with it the pods that it owns; absent: does not wait. */
  readonly waitMs?: number | undefined;
}

/** Not all objects could be applied; `results` has one for each, in the order in which they were tried. */
export class ApplyError extends FiredrillError {
  readonly results: readonly ApplyResult[];

  constructor(results: readonly ApplyResult[]) {
    const failed = results.filter((result) => result.outcome === 'failed');
    const lines = failed.map(({ ref, error }) => `${describeRef(ref)}: ${messageOf(error)}`);
    super(
      'kube.apply-failed',
      `${failed.length} of ${results.length} objects not applied: ${lines.join('; ')}`,
      { cause: failed[0]?.error },
    );
    this.name = 'ApplyError';
    this.results = results;
  }
}

/** How long a new kind may take until it is served. */
const SERVED_WITHIN_MS = patient(10_000);
/** How often one object is tried: for about four seconds where the server cannot be reached at all. */
const TRIES = 5;
/** Requests at a time: enough to hide the latency, few enough to leave the API server some room. */
const CONCURRENCY = 8;
/** Deleted in the foreground they stay until their pods are gone: a controller may be gone while its pods act on. */
const POD_OWNERS = new Set(['CronJob', 'DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet']);

/**
 * Server-side apply of one object: creates it, or changes just the fields that it names. Twice is the same as once, so it is tried
 * again where no answer came or the server had no time; what was created by a try without an answer counts as applied.
 */
export async function applyOne(
  kube: KubeClient,
  manifest: KubeObject,
  options: ApplyOptions,
): Promise<Applied> {
  const backOff = new BackOff(250, 4_000, () => 1);
  for (let tries = 1; ; tries++) {
    try {
      return await applyOnce(kube, manifest, options);
    } catch (error) {
      if (tries === TRIES || !isPassing(error)) throw error;
      await kube.clock.sleep(backOff.next(error.retryAfterMs), options.signal);
    }
  }
}

async function applyOnce(kube: KubeClient, manifest: KubeObject, options: ApplyOptions): Promise<Applied> {
  const { signal, fieldManager, force } = options;
  const ref = refOf(manifest);
  const answer = await kube.exchange<Manifest>({
    method: 'PATCH',
    path: await kube.resources.pathOf(ref, { signal }),
    query: { fieldManager, force },
    // An object that was read before may carry these; the server refuses or misreads them here.
    body: {
      ...manifest,
      metadata: { ...manifest.metadata, managedFields: undefined, resourceVersion: undefined },
    },
    contentType: 'application/apply-patch+yaml',
    signal,
  });
  return { ref, outcome: answer.status === 201 ? 'created' : 'applied', object: answer.body };
}

/**
 * Server-side apply of many objects: namespaces, new kinds and RBAC before what needs them.
 * When some fail, the rest of their group is still tried, later groups are not; then it rejects with ApplyError.
 */
export async function applyAll(
  kube: KubeClient,
  manifests: readonly KubeObject[],
  options: ApplyOptions,
): Promise<Applied[]> {
  const results: ApplyResult[] = [];
  let failed = false;
  const admitted = (await options.admit?.(manifests)) ?? manifests;
  for (const group of inOrder(admitted)) {
    const applied: readonly ApplyResult[] = failed
      ? group.map((manifest): ApplyResult => ({ ref: refOf(manifest), outcome: 'skipped' }))
      : await inParallel(group, (manifest) => tryApply(kube, manifest, options));
    options.signal?.throwIfAborted();
    results.push(...applied);
    failed ||= applied.some(({ outcome }) => outcome === 'failed');
  }
  const done = results.filter((result): result is Applied => 'object' in result);
  if (done.length < results.length) throw new ApplyError(results);
  return done;
}

/** Deletes in reverse order. What is absent already is fine; what fails is in the results. */
export async function deleteAll(
  kube: KubeClient,
  manifests: readonly KubeObject[],
  options: DeleteAllOptions = {},
): Promise<DeleteResult[]> {
  const results: DeleteResult[] = [];
  for (const group of inOrder(manifests).reverse()) {
    results.push(...(await inParallel(group, (manifest) => tryDelete(kube, manifest, options))));
    options.signal?.throwIfAborted();
  }
  return results;
}

async function tryApply(kube: KubeClient, manifest: KubeObject, options: ApplyOptions): Promise<ApplyResult> {
  try {
    const result = await applyOne(kube, manifest, options);
    if (manifest.kind === 'CustomResourceDefinition') {
      const { name } = result.ref;
      const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name } as const;
      await waitForObject(kube, crd, crdEstablished, {
        timeoutMs: SERVED_WITHIN_MS,
        signal: options.signal,
        what: `${describeRef(crd)} to be served`,
      });
    }
    return result;
  } catch (error) {
    return { ref: refOf(manifest), outcome: 'failed', error };
  }
}

async function tryDelete(
  kube: KubeClient,
  manifest: KubeObject,
  options: DeleteAllOptions,
): Promise<DeleteResult> {
  const { signal, waitMs } = options;
  const propagation =
    waitMs !== undefined && POD_OWNERS.has(manifest.kind ?? '') ? 'Foreground' : 'Background';
  const ref = refOf(manifest);
  try {
    await kube.delete(ref, { propagation, signal });
    if (waitMs !== undefined) await waitDeleted(kube, ref, { timeoutMs: waitMs, signal });
    return { ref, outcome: 'deleted' };
  } catch (error) {
    const unknownKind = error instanceof FiredrillError && error.code === 'kube.unknown-kind';
    return isNotFound(error) || unknownKind ? { ref, outcome: 'absent' } : { ref, outcome: 'failed', error };
  }
}

async function inParallel<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, worker));
  return results;
}
