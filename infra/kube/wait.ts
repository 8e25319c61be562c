import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { KubeClient, ListSelection } from './client.ts';
import { isKubeError } from './errors.ts';
import { ListWatch, type WatchChange } from './list-watch.ts';
import { describeRef, type KindRef, type KubeObject, type ObjectOf, type ObjectRef } from './objects.ts';
import type { Answer } from './readiness.ts';

export * from './readiness.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What is waited for, for the message of a time-out, e.g. `Deployment storefront/web to be ready`. */
  readonly what?: string | undefined;
}

/**
 * Waits, by watch, until `check` says true of the object (undefined: there is none) and resolves with it.
 * Rejects with `kube.wait-timeout`, which shows the last real mismatch, or with what `check` threw.
 */
export async function waitForObject<const R extends ObjectRef>(
  kube: KubeClient,
  ref: R,
  check: (object: ObjectOf<R> | undefined) => Answer,
  options: WaitOptions,
): Promise<ObjectOf<R> | undefined> {
  const { apiVersion, kind, namespace, name } = ref;
  const selection = { apiVersion, kind, namespace, fieldSelector: `metadata.name=${name}` };
  const what = options.what ?? describeRef(ref);
  const [object] = await untilTrue<ObjectOf<R>>(kube, selection, ([found]) => check(found), {
    ...options,
    what,
  });
  return object;
}

/** Waits for all objects that match. */
export async function waitForAll<const R extends KindRef & ListSelection>(
  kube: KubeClient,
  selection: R,
  check: (objects: readonly ObjectOf<R>[]) => Answer,
  options: WaitOptions,
): Promise<readonly ObjectOf<R>[]> {
  const { kind, namespace, labelSelector } = selection;
  const where = [
    namespace === undefined ? '' : ` in ${namespace}`,
    labelSelector ? ` with ${labelSelector}` : '',
  ];
  const what = options.what ?? `${kind} objects${where.join('')}`;
  return await untilTrue<ObjectOf<R>>(kube, selection, check, { ...options, what });
}

/** Waits until the object is gone, or another one (UID) has its name. */
export async function waitDeleted(
  kube: KubeClient,
  ref: ObjectRef,
  options: WaitOptions & { readonly uid?: string | undefined },
): Promise<void> {
  const check = (object: KubeObject | undefined): Answer => {
    const { uid, deletionTimestamp, finalizers = [] } = object?.metadata ?? {};
    if (object === undefined || (options.uid !== undefined && uid !== options.uid)) return true;
    if (deletionTimestamp === undefined) return 'it still exists and nobody deletes it';
    return finalizers.length === 0
      ? 'it is being deleted'
      : `it waits for its finalizers ${finalizers.join(', ')}`;
  };
  const what = options.what ?? `${describeRef(ref)} to be gone`;
  await waitForObject<ObjectRef>(kube, ref, check, { ...options, what });
}

/** How long one question whether the API server is ready may take, at first and when it has been slow. */
const QUESTION_MS = { first: 1_000, most: 15_000 } as const;

/**
 * Waits until /readyz says so, or another path is answered well. By asking again: before that there is nothing to watch. A server that has not answered in time gets
 * more of it, or it would be busy with questions that nobody waits for any more.
 */
export async function waitForApiServer(
  kube: KubeClient,
  options: WaitOptions & { readonly path?: string },
): Promise<void> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  let mismatch = 'it was not asked yet';
  try {
    let questionMs: number = QUESTION_MS.first;
    for (let waitMs = 25; ; waitMs = Math.min(2 * waitMs, questionMs / 5)) {
      try {
        await kube.request({
          method: 'GET',
          path: options.path ?? '/readyz',
          accept: '*/*',
          signal,
          timeoutMs: questionMs,
        });
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!isKubeError(error)) throw error;
        if (error.code === 'kube.timeout') questionMs = Math.min(2 * questionMs, QUESTION_MS.most);
        mismatch = failedChecks(error.message);
      }
      await kube.clock.sleep(waitMs, signal);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!deadline.aborted) throw error;
    throw timedOut(
      options.what ?? `the API server ${kube.target.server} to be ready`,
      options.timeoutMs,
      mismatch,
    );
  }
}

async function untilTrue<T extends KubeObject>(
  kube: KubeClient,
  selection: KindRef & ListSelection,
  check: (objects: readonly T[]) => Answer,
  options: WaitOptions & { readonly what: string },
): Promise<readonly T[]> {
  const stop = new AbortController();
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signals = [stop.signal, deadline, ...(options.signal === undefined ? [] : [options.signal])];
  let mismatch = 'nothing could be read yet';
  let found: readonly T[] | undefined;
  const onChange = (change: WatchChange<T>): void => {
    // A list is known whole before the first of it is told.
    if (change.type === 'gap' || found !== undefined) return;
    const objects = watch.list();
    const answer = check(objects);
    if (answer === true) {
      found = objects;
      stop.abort();
    } else mismatch = answer;
  };
  const watch = new ListWatch<T, T>(kube, selection, { onChange, probeIntervalMs: 2000 });
  await watch.start(AbortSignal.any(signals));
  if (found !== undefined) return found;
  options.signal?.throwIfAborted();
  const problem = watch.problem === undefined ? '' : `; the API server does not answer: ${watch.problem}`;
  throw timedOut(options.what, options.timeoutMs, `${mismatch}${problem}`);
}

function timedOut(what: string, timeoutMs: number, mismatch: string): FiredrillError {
  return new FiredrillError('kube.wait-timeout', `waited ${timeoutMs / 1000} s for ${what}: ${mismatch}`);
}

/** What failed, out of the long text of /readyz. */
function failedChecks(message: string): string {
  const failed = message.match(/\[-\][^\s]+/g);
  return failed === null
    ? messageOf(message)
    : `not yet: ${failed.map((check) => check.slice(3)).join(', ')}`;
}
