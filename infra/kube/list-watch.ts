import type { Clock } from '../../harness/core/clock.ts';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { BackOff } from './back-off.ts';
import { withKind } from './client.ts';
import type { KubeClient, ListSelection } from './client.ts';
import { KubeError, isDenied, isGone, isKubeError, isNotFound, refusal } from './errors.ts';
import { ObjectCache } from './object-cache.ts';
import type { ListWatchOptions, WatchChange } from './list-watch-options.ts';
import type { KindRef, KubeList, KubeObject, ObjectOf } from './objects.ts';
import { openWatch, watchFrames } from './watch.ts';
import type { WatchFrame } from './watch.ts';

export type { ListWatchOptions, WatchChange } from './list-watch-options.ts';

/** A live, typed copy of a collection; see the class for how it stays true. */
export function listWatch<const R extends KindRef & ListSelection, V = ObjectOf<R>>(
  kube: KubeClient,
  selection: R,
  options: ListWatchOptions<ObjectOf<R>, V> = {},
): ListWatch<ObjectOf<R>, V> {
  return new ListWatch<ObjectOf<R>, V>(kube, selection, options);
}

/** A refusal follows the headers of a watch at once; this is generous. */
const FIRST_FRAME_MS = 100;

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
  readonly #requestTimeoutMs: number;
  readonly #settle = Promise.withResolvers<undefined>();
  #isSynced = false;
  #started = false;
  #resourceVersion: string | undefined;
  #lastFreshMonoMs = -Infinity;
  #lastFrameMonoMs = -Infinity;
  #lastActiveMonoMs = -Infinity;
  #gap: { readonly sinceMonoMs: number; readonly reason: string } | undefined;

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
    return this.#lastFreshMonoMs;
  }
  /** Monotonic milliseconds when it last heard or tried something: it goes on through every outage. */
  get lastActiveMonoMs(): number {
    return this.#lastActiveMonoMs;
  }
  /** The point of the API's history that the cache has reached. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }
  /** Why changes may go unseen at present; undefined while all is well. */
  get problem(): string | undefined {
    return this.#gap?.reason;
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
        this.#lastActiveMonoMs = this.#nowMonoMs();
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
    this.#openGap(startMonoMs, messageOf(error));
    const waitMs = this.#backOff.next(isKubeError(error) ? error.retryAfterMs : 0);
    try {
      await this.#clock.sleep(waitMs, signal);
    } catch (interruption) {
      if (!signal.aborted) throw interruption;
    }
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const askedMonoMs = this.#nowMonoMs();
    const timeoutMs = this.#requestTimeoutMs;
    const list = (await this.#kube.list(this.#selection, { signal, timeoutMs })) as KubeList<T>;
    for (const change of this.#cache.replaceAll(list.items, !this.#isSynced)) this.#tell(change);
    this.#resourceVersion = list.metadata.resourceVersion ?? '0';
    this.#lastFreshMonoMs = askedMonoMs;
    this.#closeGap(false);
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#tell({ type: 'synced' });
    this.#settle.resolve(undefined);
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { labelSelector, fieldSelector } = this.#selection;
    const askedMonoMs = this.#nowMonoMs();
    const stream = await openWatch(this.#kube, {
      path: await this.#kube.collectionPath(this.#selection, { signal }),
      query: { labelSelector, fieldSelector },
      resourceVersion,
      // Not all watches of all clients at the same moment.
      timeoutSeconds: Math.round(300 + 300 * this.#random()),
      signal,
      timeoutMs: this.#requestTimeoutMs,
    });
    const ended = new AbortController();
    const abort = () => stream.destroy();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    let frames = 0;
    this.#lastFrameMonoMs = this.#nowMonoMs();
    let isRenewed = false;
    const guarded = this.#guard(ended.signal).then(
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
      throw this.#failure('kube.watch-closed', 'the server closed the watch at once');
    // What the server ends by itself was delivered up to its end.
    this.#lastFreshMonoMs = this.#nowMonoMs();
    this.#backOff.reset();
  }

  #take(frame: WatchFrame<T>): void {
    if (frame.type === 'ERROR') {
      throw refusal('WATCH', this.#selection.kind, frame.object.code ?? 500, frame.object);
    }
    this.#demandSameHistory(frame.object.metadata?.resourceVersion);
    this.#closeGap(true);
    this.#lastFreshMonoMs = this.#lastFrameMonoMs = this.#lastActiveMonoMs = this.#nowMonoMs();
    if (frame.type !== 'BOOKMARK') {
      const object = withKind(frame.object, this.#selection);
      const changes = frame.type === 'DELETED' ? this.#cache.remove(object) : this.#cache.put(object);
      for (const change of changes) this.#tell(change);
    }
    this.#resourceVersion = frame.object.metadata?.resourceVersion ?? this.#resourceVersion;
  }

  /** Watches over an open watch; resolves when it should be opened anew, rejects when it must be given up. */
  async #guard(ended: AbortSignal): Promise<void> {
    const { silenceLimitMs = 150_000, probeIntervalMs = Infinity } = this.#options;
    const probeTimeoutMs = this.#options.probeTimeoutMs ?? Math.min(probeIntervalMs, 2000);
    let askedMonoMs = -Infinity;
    const over = () => ended.aborted;
    while (!over()) {
      const nowMonoMs = this.#nowMonoMs();
      const silentInMs = this.#lastFrameMonoMs + silenceLimitMs - nowMonoMs;
      const probeInMs = this.#nextProbeMonoMs(askedMonoMs, probeIntervalMs) - nowMonoMs;
      if (silentInMs <= 0) return;
      try {
        if (probeInMs > 0) {
          await this.#clock.sleep(Math.min(silentInMs, probeInMs), ended);
          continue;
        }
        askedMonoMs = nowMonoMs;
        await this.#probe(probeTimeoutMs, ended);
        if (this.#gap !== undefined) await this.#confirm(ended);
      } catch (error) {
        if (over()) return;
        // A server that answers "too busy" is alive: that proves nothing about the cache, nor is the watch lost.
        if (!isKubeError(error) || error.status === 0) throw error;
      }
    }
  }

  #nextProbeMonoMs(askedMonoMs: number, probeIntervalMs: number): number {
    // A watch that was taken up after an outage may be of another server: ask at once, and until there is an answer.
    if (this.#gap !== undefined) return askedMonoMs + Math.min(probeIntervalMs, 1000);
    return Math.max(this.#lastFreshMonoMs, askedMonoMs) + probeIntervalMs;
  }

  /** Where our point in history is refused, the watch opens all the same and says so in its first frame: let it come. */
  async #confirm(ended: AbortSignal): Promise<void> {
    await this.#clock.sleep(FIRST_FRAME_MS, ended);
    this.#closeGap(true);
  }

  /** A consistent read of (at most) one object's metadata. */
  async #probe(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { labelSelector, fieldSelector } = this.#selection;
    const askedMonoMs = this.#nowMonoMs();
    // An event that overtakes the answer is newer than it: only what we knew when we asked may not be.
    const knownVersion = this.#resourceVersion;
    const answer = await this.#kube.request<KubeList<KubeObject>>({
      method: 'GET',
      path: await this.#kube.collectionPath(this.#selection, { signal }),
      query: { labelSelector, fieldSelector, limit: 1 },
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
      signal,
      timeoutMs,
    });
    this.#demandSameHistory(answer.metadata.resourceVersion, knownVersion);
    this.#lastFreshMonoMs = Math.max(this.#lastFreshMonoMs, askedMonoMs);
    this.#lastActiveMonoMs = this.#nowMonoMs();
  }

  /**
   * A server whose history is behind ours is another one (restored, or made anew at the same address): a watch from
   * our point would wait there, silent, until its history gets that far.
   */
  #demandSameHistory(resourceVersion: string | undefined, knownVersion = this.#resourceVersion): void {
    if (!isBefore(resourceVersion, knownVersion)) return;
    throw this.#failure(
      'kube.history-changed',
      "the API server's history is behind ours: restored or replaced",
    );
  }

  #openGap(startMonoMs: number, reason: string): void {
    if (this.#gap !== undefined) {
      this.#gap = { ...this.#gap, reason };
      return;
    }
    const sinceMonoMs = Number.isFinite(this.#lastFreshMonoMs) ? this.#lastFreshMonoMs : startMonoMs;
    this.#gap = { sinceMonoMs, reason };
    this.#tell({ type: 'gap', phase: 'open', sinceMonoMs, reason });
  }

  #closeGap(lossless: boolean): void {
    const gap = this.#gap;
    if (gap === undefined) return;
    this.#gap = undefined;
    this.#tell({ type: 'gap', phase: 'closed', ...gap, untilMonoMs: this.#nowMonoMs(), lossless });
  }

  #tell(change: WatchChange<V>): void {
    try {
      this.#options.onChange?.(change);
    } catch (error) {
      throw new ConsumerFailure('onChange threw', { cause: error });
    }
  }

  #failure(code: string, message: string): KubeError {
    const { kind } = this.#selection;
    return new KubeError(code, `watch of ${kind}: ${message}`, {
      status: 0,
      reason: '',
      verb: 'WATCH',
      path: kind,
    });
  }

  #nowMonoMs(): number {
    return this.#clock.now().monoMs;
  }
}

function isHistoryGone(error: unknown): boolean {
  return isKubeError(error) && error.code === 'kube.history-changed';
}

/** Resource versions of one API server are ordered as numbers. */
function isBefore(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || !/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return BigInt(a) < BigInt(b);
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  delete object.metadata?.managedFields;
  return object;
}
