import type { Clock } from '../../harness/core/clock.ts';
import type { KubeClient, ListSelection } from './client.ts';
import type { KindRef, ObjectOf } from './objects.ts';

/** What a list-watch tells, in the order in which it learned it. */
export type WatchChange<V> =
  | { readonly type: 'added'; readonly object: V; readonly initial: boolean }
  | { readonly type: 'modified'; readonly object: V; readonly previous: V }
  /** `object` is the last state known. `observed` is false where only a later list showed that it is gone. */
  | { readonly type: 'deleted'; readonly object: V; readonly observed: boolean }
  /** The cache holds the first complete list; sent once, after its `added` changes. */
  | { readonly type: 'synced' }
  /** From `sinceMonoMs` on changes may have gone unseen. */
  | { readonly type: 'gap'; readonly phase: 'open'; readonly sinceMonoMs: number; readonly reason: string }
  /** The cache is true again. `lossless`: every change in between was delivered late; otherwise only the differences. */
  | {
      readonly type: 'gap';
      readonly phase: 'closed';
      readonly sinceMonoMs: number;
      readonly untilMonoMs: number;
      readonly reason: string;
      readonly lossless: boolean;
    };

export interface ListWatchOptions<T, V> {
  /** Called for each change, in order. What it throws ends the list-watch: `start` rejects with it. */
  readonly onChange?: ((change: WatchChange<V>) => void) | undefined;
  /** What to keep of each object; default: all of it but `managedFields`. */
  readonly transform?: ((object: T) => V) | undefined;
  /** After this silence a cheap read asks whether the API server still answers; absent: never. */
  readonly probeIntervalMs?: number | undefined;
  /** How long that read may take; default: `probeIntervalMs`, at most 2000. */
  readonly probeTimeoutMs?: number | undefined;
  /** A watch that brings neither event nor bookmark for so long is dead; default 90 000 (bookmarks come every 60 s). */
  readonly silenceLimitMs?: number | undefined;
  /** For a list page, and for the headers of a watch; default 5000. */
  readonly requestTimeoutMs?: number | undefined;
  /** The wait after the first failure and its ceiling; doubled each time, with jitter; default 100 and 2000. */
  readonly backOff?: { readonly firstMs: number; readonly maxMs: number } | undefined;
  readonly clock?: Clock | undefined;
  /** In [0, 1), for the jitter. */
  readonly random?: (() => number) | undefined;
}

export interface ListWatch<V> {
  /** Runs until the signal aborts, through every outage; resolves then. Rejects only with what `onChange` threw, or when the server denies the list (401, 403, 404). */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when the cache is complete for the first time; rejects when `start` ends before. */
  readonly synced: Promise<void>;
  get(name: string, namespace?: string): V | undefined;
  list(): V[];
  readonly size: number;
  /** Monotonic milliseconds of the last proof that the cache was current; -Infinity before the first. */
  readonly lastFreshMonoMs: number;
  readonly resourceVersion: string | undefined;
}

export declare function listWatch<const R extends KindRef & ListSelection, V = ObjectOf<R>>(
  kube: KubeClient,
  selection: R,
  options?: ListWatchOptions<ObjectOf<R>, V>,
): ListWatch<V>;
