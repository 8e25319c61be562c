import type { Clock } from '../../harness/core/clock.ts';
import type { KubeClient, ListSelection } from './client.ts';
import { isKubeError, watchFailure } from './errors.ts';
import type { ListWatchOptions } from './list-watch-options.ts';
import type { KindRef, KubeList, KubeObject } from './objects.ts';
import type { WatchFreshness } from './watch-freshness.ts';
import { demandSameHistory, isBefore } from './watch-history.ts';

/** A refusal follows the headers of a watch at once; this is generous. */
const FIRST_FRAME_MS = 100;

/** An open watch, as its guard sees it. */
export interface GuardedWatch {
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly selection: KindRef & ListSelection;
  readonly limits: Pick<
    ListWatchOptions<never, never>,
    'silenceLimitMs' | 'probeIntervalMs' | 'probeTimeoutMs' | 'probeLimit'
  >;
  readonly freshness: WatchFreshness;
  /** The point of the API's history that the watch has reached. */
  readonly resourceVersion: () => string | undefined;
}

/**
 * Watches over an open watch; resolves when it should be opened anew, rejects when it must be given up: also where its
 * connection has died without a word, so that the API server answers and has what the watch does not tell.
 */
export async function guardWatch(watch: GuardedWatch, ended: AbortSignal): Promise<void> {
  const { clock, freshness } = watch;
  const { silenceLimitMs = 150_000, probeIntervalMs = Infinity } = watch.limits;
  const probeTimeoutMs = watch.limits.probeTimeoutMs ?? Math.min(probeIntervalMs, 2000);
  let askedMonoMs = -Infinity;
  /** A version that an object had at the last probe, and that the watch had not come to. */
  let owed: string | undefined;
  const over = () => ended.aborted;
  while (!over()) {
    const nowMonoMs = clock.now().monoMs;
    const silentInMs = freshness.frameMonoMs + silenceLimitMs - nowMonoMs;
    const probeInMs = nextProbeMonoMs(freshness, askedMonoMs, probeIntervalMs) - nowMonoMs;
    if (silentInMs <= 0) return;
    try {
      if (probeInMs > 0) {
        await clock.sleep(Math.min(silentInMs, probeInMs), ended);
        continue;
      }
      askedMonoMs = nowMonoMs;
      if (isBefore(watch.resourceVersion(), owed)) throw stalled(watch, owed);
      owed = await probe(watch, probeTimeoutMs, ended);
      if (freshness.problem !== undefined && owed === undefined) {
        // Where our point in history is refused, the watch opens all the same and says so in its first frame: let it come.
        await clock.sleep(FIRST_FRAME_MS, ended);
        freshness.closeGap(true);
      }
    } catch (error) {
      if (over()) return;
      // A server that answers "too busy" is alive: that proves nothing about the cache, nor is the watch lost.
      if (!isKubeError(error) || error.status === 0) throw error;
    }
  }
}

function nextProbeMonoMs(freshness: WatchFreshness, askedMonoMs: number, probeIntervalMs: number): number {
  // A watch that was taken up after an outage may be of another server: ask at once, and until there is an answer.
  if (freshness.problem !== undefined) return askedMonoMs + Math.min(probeIntervalMs, 1000);
  return Math.max(freshness.freshMonoMs, askedMonoMs) + probeIntervalMs;
}

function stalled({ selection, resourceVersion }: GuardedWatch, owed: string | undefined): Error {
  return watchFailure(
    selection.kind,
    'kube.watch-stalled',
    `it says nothing after version ${resourceVersion() ?? ''}, and an object is at ${owed ?? ''}`,
  );
}

/** A consistent read of some objects' metadata; returns the newest version among them where the watch has not come to it. */
async function probe(
  watch: GuardedWatch,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { kube, clock, selection, freshness } = watch;
  const { labelSelector, fieldSelector } = selection;
  const askedMonoMs = clock.now().monoMs;
  // An event that overtakes the answer is newer than it: only what we knew when we asked may not be.
  const knownVersion = watch.resourceVersion();
  const answer = await kube.request<KubeList<KubeObject>>({
    method: 'GET',
    path: await kube.resources.collectionPath(selection, { signal }),
    query: { labelSelector, fieldSelector, limit: watch.limits.probeLimit ?? 1 },
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    signal,
    timeoutMs,
  });
  demandSameHistory(selection.kind, answer.metadata.resourceVersion, knownVersion);
  const newest = versionsOf(answer).reduce(
    (last, version) => (isBefore(last, version) ? version : last),
    '0',
  );
  if (isBefore(watch.resourceVersion(), newest)) return newest;
  freshness.probed(askedMonoMs);
  return undefined;
}

/** An empty list may be null. */
function versionsOf({ items }: { readonly items?: readonly KubeObject[] | null }): string[] {
  return (items ?? []).map(({ metadata }) => metadata?.resourceVersion ?? '0');
}
