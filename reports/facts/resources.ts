import { entriesOf, type Entry, type WatchEvent } from '../../harness/core/journal/journal.ts';
import { given } from '../../harness/core/given.ts';

export type ResourceState = 'ready' | 'cordoned' | 'not-ready' | 'unknown' | 'pending' | 'terminating';

/** A stretch of time in one state; the last one ends where the journal does. */
interface ResourceStretch {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
  readonly state: ResourceState;
}

/** The life of one node or pod as its watch told it. */
export interface ResourceLife {
  readonly object: 'Node' | 'Pod';
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  /** The label by which a pod's workload is told. */
  readonly app?: string;
  /** The node that hosts a pod, once it is scheduled. */
  readonly node?: string;
  readonly stretches: readonly ResourceStretch[];
  /** When it appeared; absent for what was there before the watch began. */
  readonly createdMonoMs?: number;
  readonly scheduledMonoMs?: number;
  readonly startedMonoMs?: number;
  readonly readyMonoMs?: number;
  readonly deletedMonoMs?: number;
}

/** A life while it is being read: what is known of it, and the stretch that is still open. */
interface Draft {
  readonly life: { -readonly [Key in keyof ResourceLife]: ResourceLife[Key] };
  readonly stretches: ResourceStretch[];
  state: ResourceState;
  sinceMonoMs: number;
}

/** What the first list of a watch returns was there before; it arrives in one burst. */
const FIRST_LIST_MS = 1500;

/** The lives of all nodes and pods of a journal, in the order of their appearance. */
export function resourceLives(entries: readonly Entry[], object: 'Node' | 'Pod'): ResourceLife[] {
  const events = entriesOf(entries, 'watch').filter((event) => event.object === object && event.uid !== '');
  const first = events[0]?.monoMs ?? 0;
  const drafts = new Map<string, Draft>();
  for (const event of events) {
    const known = drafts.get(event.uid);
    const draft = known ?? begin(event, event.monoMs, first);
    if (!known) drafts.set(event.uid, draft);
    learn(draft, event, event.monoMs);
  }
  const end = entries.at(-1)?.monoMs ?? first;
  return [...drafts.values()].map((draft) => finish(draft, end));
}

function begin(event: WatchEvent, monoMs: number, firstMonoMs: number): Draft {
  const isNew = event.change === 'added' && monoMs - firstMonoMs > FIRST_LIST_MS;
  const stretches: ResourceStretch[] = [];
  return {
    life: {
      object: event.object === 'Node' ? 'Node' : 'Pod',
      ...given({ namespace: event.namespace }),
      name: event.name,
      uid: event.uid,
      stretches,
      ...(isNew ? { createdMonoMs: monoMs } : {}),
    },
    stretches,
    state: stateOf(event),
    sinceMonoMs: monoMs,
  };
}

function learn(draft: Draft, event: WatchEvent, monoMs: number): void {
  const { life } = draft;
  const node = event.facts['node'] ?? event.facts['nodeName'];
  if (typeof node === 'string' && node !== '') {
    life.node = node;
    life.scheduledMonoMs ??= monoMs;
  }
  if (typeof event.facts['app'] === 'string') life.app = event.facts['app'];
  if (isStarted(event)) life.startedMonoMs ??= monoMs;
  const state = stateOf(event);
  if (state === 'ready') life.readyMonoMs ??= monoMs;
  if (event.change === 'deleted') {
    close(draft, monoMs);
    life.deletedMonoMs = monoMs;
  } else if (state !== draft.state) {
    close(draft, monoMs);
    draft.state = state;
  }
}

function close(draft: Draft, monoMs: number): void {
  if (monoMs > draft.sinceMonoMs) {
    draft.stretches.push({ fromMonoMs: draft.sinceMonoMs, toMonoMs: monoMs, state: draft.state });
  }
  draft.sinceMonoMs = monoMs;
}

function finish(draft: Draft, endMonoMs: number): ResourceLife {
  if (draft.life.deletedMonoMs === undefined) close(draft, endMonoMs);
  return draft.life;
}

function stateOf(event: WatchEvent): ResourceState {
  const { facts } = event;
  if (
    facts['deleting'] === true ||
    facts['terminating'] === true ||
    typeof facts['deletionTimestamp'] === 'string'
  ) {
    return 'terminating';
  }
  const ready = facts['ready'];
  if (ready === true || ready === 'True') return facts['unschedulable'] === true ? 'cordoned' : 'ready';
  if (ready === 'Unknown') return 'unknown';
  return event.object === 'Pod' && !isStarted(event) ? 'pending' : 'not-ready';
}

function isStarted(event: WatchEvent): boolean {
  return (
    event.facts['started'] === true || event.facts['phase'] === 'Running' || event.facts['ready'] === true
  );
}
