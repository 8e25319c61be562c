import { pause, type Clock } from '../../harness/core/clock.ts';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { BackOff } from './back-off.ts';
import { withKind, type KubeClient, type ListSelection } from './client.ts';
import { isDenied, isGone, isKubeError, isNotFound, refusal, watchFailure } from './errors.ts';
import { ObjectCache } from './object-cache.ts';
import type { ListWatchOptions, WatchChange } from './list-watch-options.ts';
import type { KindRef, KubeObject, ObjectOf } from './objects.ts';
import { openWatch, watchFrames, type WatchFrame } from './watch.ts';
import { WatchFreshness } from './watch-freshness.ts';
import { guardWatch, type GuardedWatch } from './watch-guard.ts';
import { demandSameHistory, isHistoryGone } from './watch-history.ts';

export type { ListWatchOptions, WatchChange } from './list-watch-options.ts';

/** A live, typed copy of a collection; see the class for how it stays true. */
export function listWatch<const R extends KindRef & ListSelection, V = ObjectOf<R>>(
  kube: KubeClient,
  selection: R,
  options: ListWatchOptions<ObjectOf<R>, V> = {},
): ListWatch<ObjectOf<R>, V> {
  return new ListWatch<ObjectOf<R>, V>(kube, selection, options);
}

/** The consumer's own error, told apart from those of the API server. */
class ConsumerFailure extends Error {}

/**
 * Lists a collection, then watches it from that resourceVersion, and goes on through every outage: a broken watch is
 * resumed where it stopped; where the server no longer knows that point (410), the collection is listed again and
 * compared with the cache. While changes may go unseen there is an open `gap`; it is never silently dead.
 */
export class ListWatch<T extends KubeObject, V> {
  readonly synced: Promise<void>;
  readonly #kube: KubeClient;
  readonly #selection: KindRef & ListSelection;
  readonly #options: ListWatchOptions<T, V>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #backOff: BackOff;
  readonly #cache: ObjectCache<T, V>;
  readonly #freshness: WatchFreshness;
  readonly #requestTimeoutMs: number;
  readonly #settle = Promise.withResolvers<undefined>();
  #isSynced = false;
  #started = false;
  #resourceVersion: string | undefined;

  constructor(kube: KubeClient, selection: KindRef & ListSelection, options: ListWatchOptions<T, V> = {}) {
    this.#kube = kube;
    this.#selection = selection;
    this.#options = options;
    this.#clock = options.clock ?? kube.clock;
    this.#random = options.random ?? Math.random;
    this.#backOff = new BackOff(
      options.backOff?.firstMs ?? 100,
      options.backOff?.maxMs ?? 2000,
      this.#random,
    );
    this.#cache = new ObjectCache<T, V>(options.transform ?? (withoutManagedFields as (object: T) => V));
    this.#freshness = new WatchFreshness(this.#clock, (change) => this.#tell(change));
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 5000;
    this.synced = this.#settle.promise;
    // Whoever waits for `synced` gets its rejection; nobody has to wait for it.
    this.synced.catch(() => undefined);
  }

  get size(): number {
    return this.#cache.size;
  }
  /** Monotonic milliseconds of the last sign that the cache was current (event, bookmark, answered probe, new watch); -Infinity before the first. */
  get lastFreshMonoMs(): number {
    return this.#freshness.freshMonoMs;
  }
  /** Monotonic milliseconds when it last heard or tried something: it goes on through every outage. */
  get lastActiveMonoMs(): number {
    return this.#freshness.activeMonoMs;
  }
  /** The point of the API's history that the cache has reached. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }
  /** Why changes may go unseen at present; undefined while all is well. */
  get problem(): string | undefined {
    return this.#freshness.problem;
  }

  get(name: string, namespace?: string): V | undefined {
    return this.#cache.get(name, namespace);
  }
  list(): V[] {
    return this.#cache.list();
  }

  /**
   * Runs until the signal aborts, through every outage; resolves then. Rejects only with what `onChange` threw, or
   * when the very first list is denied (401, 403) or there is no such kind (404). `synced` rejects too if it ends before.
   */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#started)
      throw new FiredrillError('kube.started-twice', 'a list-watch can be started only once');
    this.#started = true;
    const startMonoMs = this.#nowMonoMs();
    const stopped = () => signal.aborted;
    try {
      while (!stopped()) {
        this.#freshness.tried();
        try {
          if (this.#resourceVersion === undefined) await this.#relist(signal);
          else await this.#watch(this.#resourceVersion, signal);
        } catch (error) {
          if (stopped() && !(error instanceof ConsumerFailure)) break;
          await this.#afterFailure(error, startMonoMs, signal);
        }
      }
      this.#settle.reject(signal.reason);
    } catch (error) {
      const thrown = error instanceof ConsumerFailure ? error.cause : error;
      this.#settle.reject(thrown);
      throw thrown;
    }
  }

  async #afterFailure(error: unknown, startMonoMs: number, signal: AbortSignal): Promise<void> {
    if (error instanceof ConsumerFailure) throw error;
    if (!this.#isSynced && (isDenied(error) || isNotFound(error))) throw error;
    if (isGone(error) || isHistoryGone(error)) this.#resourceVersion = undefined;
    this.#freshness.openGap(startMonoMs, messageOf(error));
    await pause(this.#clock, this.#backOff.next(isKubeError(error) ? error.retryAfterMs : 0), signal);
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const askedMonoMs = this.#nowMonoMs();
    const timeoutMs = this.#requestTimeoutMs;
    const list = await this.#kube.list(this.#selection, { signal, timeoutMs }, (item) =>
      this.#cache.hold(item as T),
    );
    for (const change of this.#cache.replaceAll(list.items, !this.#isSynced)) this.#tell(change);
    this.#resourceVersion = list.metadata.resourceVersion ?? '0';
    this.#freshness.listed(askedMonoMs);
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#tell({ type: 'synced' });
    this.#settle.resolve(undefined);
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { labelSelector, fieldSelector } = this.#selection;
    const askedMonoMs = this.#nowMonoMs();
    const stream = await openWatch(this.#kube, {
      path: await this.#kube.resources.collectionPath(this.#selection, { signal }),
      query: { labelSelector, fieldSelector },
      resourceVersion,
      // Watches of all clients must not end at the same moment.
      timeoutSeconds: Math.round(300 + 300 * this.#random()),
      signal,
      timeoutMs: this.#requestTimeoutMs,
    });
    const ended = new AbortController();
    const abort = () => stream.destroy();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    let frames = 0;
    this.#freshness.watchOpened();
    let isRenewed = false;
    const guarded = guardWatch(this.#guarded(), ended.signal).then(
      () => {
        isRenewed = !ended.signal.aborted;
        stream.destroy();
      },
      (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    try {
      for await (const frame of watchFrames<T>(stream)) {
        frames++;
        this.#backOff.reset();
        this.#take(frame);
      }
    } catch (error) {
      const wasRenewed = () => isRenewed;
      if (!wasRenewed() || error instanceof ConsumerFailure) throw error;
      return;
    } finally {
      signal.removeEventListener('abort', abort);
      stream.destroy();
      ended.abort();
      await guarded;
    }
    const livedMs = this.#nowMonoMs() - askedMonoMs;
    // A watch has its time and then ends; one that ends at once, again and again, must not become a busy loop.
    if (frames === 0 && livedMs < 1000)
      throw watchFailure(this.#selection.kind, 'kube.watch-closed', 'the server closed the watch at once');
    this.#freshness.watchEnded();
    this.#backOff.reset();
  }

  #take(frame: WatchFrame<T>): void {
    if (frame.type === 'ERROR') {
      throw refusal('WATCH', this.#selection.kind, frame.object.code ?? 500, frame.object);
    }
    demandSameHistory(this.#selection.kind, frame.object.metadata?.resourceVersion, this.#resourceVersion);
    this.#freshness.frameCame();
    if (frame.type !== 'BOOKMARK') {
      const object = withKind(frame.object, this.#selection);
      const changes = frame.type === 'DELETED' ? this.#cache.remove(object) : this.#cache.put(object);
      for (const change of changes) this.#tell(change);
    }
    this.#resourceVersion = frame.object.metadata?.resourceVersion ?? this.#resourceVersion;
  }

  #guarded(): GuardedWatch {
    return {
      kube: this.#kube,
      clock: this.#clock,
      selection: this.#selection,
      limits: this.#options,
      freshness: this.#freshness,
      resourceVersion: () => this.#resourceVersion,
    };
  }

  #tell(change: WatchChange<V>): void {
    try {
      this.#options.onChange?.(change);
    } catch (error) {
      throw new ConsumerFailure('onChange threw', { cause: error });
    }
  }

  #nowMonoMs(): number {
    return this.#clock.now().monoMs;
  }
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  delete object.metadata?.managedFields;
  return object;
}
