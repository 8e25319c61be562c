import type { Clock } from '../../harness/core/clock.ts';
import type { ObjectChange } from './object-cache.ts';

/** What a list-watch tells, in the order in which it learned it. */
export type WatchChange<V> =
  | ObjectChange<V>
  /** The cache holds the first complete list; sent once, after its `added` changes. */
  | { readonly type: 'synced' }
  /** From `sinceMonoMs` on changes may have gone unseen. */
  | { readonly type: 'gap'; readonly phase: 'open'; readonly sinceMonoMs: number; readonly reason: string }
  /** The cache is true again. `lossless`: every change in between comes, late; otherwise only the differences. */
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
  /** How long a watch may be silent before a cheap read asks whether the API server still answers; absent: nobody asks. */
  readonly probeIntervalMs?: number | undefined;
  /** How many objects that read compares with what the watch has told; default 1. */
  readonly probeLimit?: number | undefined;
  /** How long that read may take; default: `probeIntervalMs`, at most 2000. */
  readonly probeTimeoutMs?: number | undefined;
  /**
   * A watch that brings neither event nor bookmark for so long is opened anew, as a precaution and without a gap; default
   * 150 000: where nothing happens, bookmarks were seen to come every one or two minutes, and for Events never.
   */
  readonly silenceLimitMs?: number | undefined;
  /** For a list page, and for the headers of a watch; default 5000. */
  readonly requestTimeoutMs?: number | undefined;
  /** The wait after the first failure and its ceiling; doubled each time, with jitter; default 100 and 2000. */
  readonly backOff?: { readonly firstMs: number; readonly maxMs: number } | undefined;
  readonly clock?: Clock | undefined;
  /** In [0, 1), for the jitter. */
  readonly random?: (() => number) | undefined;
}
