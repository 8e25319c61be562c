import { isDeepStrictEqual } from 'node:util';
import { FiredrillError } from '../core/errors.ts';
import type { WatchEvent } from '../core/journal/journal.ts';
import { given } from '../core/given.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { listWatch, type ListWatchOptions, type WatchChange } from '../../infra/kube/list-watch.ts';
import type { KubeObject, Pod } from '../../infra/kube/objects.ts';
import { matchesSelector, parseSelector } from '../core/selectors.ts';
import { runUntilStopped, type Append, type StartObserver } from './observer.ts';
import {
  deploymentFacts,
  endpointSliceFacts,
  isReady,
  nodeFacts,
  podFacts,
  type Facts,
} from './watch-facts.ts';

interface WatchOptions {
  readonly kube: KubeClient;
  /** Where the workload lives. */
  readonly namespace: string;
  /** The replicas that count for capacity; absent: none is counted. */
  readonly capacity?: { readonly selector: string; readonly replicas: number };
}

/** A quiet API server is asked after this long whether it still answers, and how so many of the objects are. */
const PROBE_INTERVAL_MS = 2_000;
const PROBE_LIMIT = 100;

/** What is kept of an object: who it is, its facts, and whether it is a Ready replica of the workload. */
interface Kept {
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly facts: Facts;
  readonly counts: boolean;
}

/** Journals nodes and the workload's objects as they change, on arrival, and the number of Ready replicas. */
export function observeWatch(options: WatchOptions): StartObserver {
  const { kube, namespace, capacity } = options;
  const selector = parseSelector(capacity?.selector ?? '');
  const counts = (pod: Pod): boolean =>
    capacity !== undefined && isReady(pod) && matchesSelector(selector, pod.metadata?.labels);

  return async (append, signal) => {
    const replicas = new ReplicaCount(append, capacity);
    const watching = runUntilStopped(signal, async (running) => {
      const watches = [
        listWatch(
          kube,
          { apiVersion: 'v1', kind: 'Node' },
          {
            ...common(append, 'Node'),
            transform: (node) => keep(node, nodeFacts(node)),
          },
        ),
        listWatch(
          kube,
          { apiVersion: 'apps/v1', kind: 'Deployment', namespace },
          {
            ...common(append, 'Deployment'),
            transform: (deployment) => keep(deployment, deploymentFacts(deployment)),
          },
        ),
        listWatch(
          kube,
          { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace },
          {
            ...common(append, 'EndpointSlice'),
            transform: (slice) => keep(slice, endpointSliceFacts(slice)),
          },
        ),
        listWatch(
          kube,
          { apiVersion: 'v1', kind: 'Pod', namespace },
          {
            ...common(append, 'Pod', (change) => replicas.take(change)),
            transform: (pod) => keep(pod, podFacts(pod), counts(pod)),
          },
        ),
      ];
      const starts = watches.map((watch) => watch.start(running));
      void Promise.all(watches.map((watch) => watch.synced)).then(
        () => allListed.resolve(undefined),
        () => undefined,
      );
      await Promise.all(starts);
    });
    const allListed = Promise.withResolvers<undefined>();
    await Promise.race([allListed.promise, endedEarly(watching.done, signal)]);
    append({ kind: 'observer', observer: 'watch', state: 'started' });
    return {
      stop: async () => {
        await watching.stop();
        append({ kind: 'observer', observer: 'watch', state: 'stopped' });
      },
    };
  };
}

/** Ready replicas by pod; an entry whenever their number changes, and one to begin with. */
class ReplicaCount {
  readonly #append: Append;
  readonly #capacity: WatchOptions['capacity'];
  readonly #ready = new Set<string>();
  #told: number | undefined;
  #synced = false;

  constructor(append: Append, capacity: WatchOptions['capacity']) {
    this.#append = append;
    this.#capacity = capacity;
  }

  take(change: WatchChange<Kept>): void {
    if (change.type === 'synced') this.#synced = true;
    else if (change.type === 'deleted') this.#ready.delete(change.object.uid);
    else if (change.type === 'modified' || change.type === 'added') {
      if (change.object.counts) this.#ready.add(change.object.uid);
      else this.#ready.delete(change.object.uid);
    }
    this.#tell();
  }

  #tell(): void {
    if (this.#capacity === undefined || !this.#synced || this.#told === this.#ready.size) return;
    this.#told = this.#ready.size;
    const { selector, replicas: wanted } = this.#capacity;
    this.#append({ kind: 'capacity', selector, ready: this.#told, wanted });
  }
}

/** A change of facts is an event; where changes may have gone unseen, a gap. */
function common(
  append: Append,
  object: WatchEvent['object'],
  also?: (change: WatchChange<Kept>) => void,
): Pick<ListWatchOptions<KubeObject, Kept>, 'onChange' | 'probeIntervalMs' | 'probeLimit'> {
  const tell = (change: WatchEvent['change'], { namespace, name, uid, facts }: Kept): void => {
    const place = given({ namespace });
    append({ kind: 'watch', change, object, ...place, name, uid, facts });
  };
  return {
    probeIntervalMs: PROBE_INTERVAL_MS,
    probeLimit: PROBE_LIMIT,
    onChange: (change) => {
      switch (change.type) {
        case 'synced':
          break;
        case 'gap':
          tellGap(append, object, change);
          break;
        case 'modified':
          if (!isDeepStrictEqual(change.previous.facts, change.object.facts)) tell('modified', change.object);
          break;
        case 'added':
        case 'deleted':
          tell(change.type, change.object);
          break;
      }
      also?.(change);
    },
  };
}

/** A gap spoils what rests on the watch's times, also where no change was lost: they came late. */
function tellGap(append: Append, object: string, gap: WatchChange<Kept> & { readonly type: 'gap' }): void {
  append({
    kind: 'observer',
    observer: `watch:${object}`,
    state: 'gap',
    reason: gap.reason,
    fromMonoMs: gap.sinceMonoMs,
    ...(gap.phase === 'closed' ? { toMonoMs: gap.untilMonoMs } : {}),
  });
}

function keep(object: KubeObject, facts: Facts, counts = false): Kept {
  const { name, namespace, uid } = object.metadata ?? {};
  return {
    name: name ?? '',
    uid: uid ?? '',
    facts,
    counts,
    ...given({ namespace }),
  };
}

async function endedEarly(done: Promise<void>, signal: AbortSignal): Promise<never> {
  await done;
  signal.throwIfAborted();
  throw new FiredrillError('observe.watch-ended', 'the watches ended before their first lists were complete');
}
