import type { ClaimEntry } from './entries/claim.ts';
import type { ClusterEntry } from './entries/cluster.ts';
import type { FaultEntry } from './entries/fault.ts';
import type { InstrumentEntry } from './entries/instrument.ts';
import type { ProbeEntry } from './entries/probe.ts';
import type { PrometheusEntry } from './entries/prometheus.ts';
import type { TrialEntry } from './entries/trial.ts';

export type * from './entries/claim.ts';
export type * from './entries/cluster.ts';
export type * from './entries/fault.ts';
export type * from './entries/instrument.ts';
export type * from './entries/probe.ts';
export type * from './entries/prometheus.ts';
export type * from './entries/trial.ts';

/**
 * Everything that a verdict rests on is an entry of the journal: one JSON object per line, in the order of arrival.
 * `monoMs` is CLOCK_MONOTONIC of the harness's machine, `wallMs` the Unix time, both when the entry was written
 * unless the entry names its own instants.
 */
interface EntryStamp {
  readonly seq: number;
  readonly monoMs: number;
  readonly wallMs: number;
}

export type EntryBody =
  TrialEntry | FaultEntry | ProbeEntry | ClusterEntry | PrometheusEntry | ClaimEntry | InstrumentEntry;

export type Entry = EntryBody & EntryStamp;
export type EntryKind = EntryBody['kind'];
export type EntryOf<K extends EntryKind> = Extract<EntryBody, { kind: K }> & EntryStamp;

/** Entries by their kind, as far as they were looked at: a journal only grows, and is asked for each kind again and again. */
interface Sorted {
  readonly byKind: Map<EntryKind, Entry[]>;
  count: number;
}
const sorted = new WeakMap<readonly Entry[], Sorted>();

/** All entries of one kind, in their order. */
export function entriesOf<K extends EntryKind>(entries: readonly Entry[], kind: K): EntryOf<K>[] {
  const known = sorted.get(entries) ?? { byKind: new Map<EntryKind, Entry[]>(), count: 0 };
  sorted.set(entries, known);
  for (; known.count < entries.length; known.count++) {
    const entry = entries[known.count];
    if (entry === undefined) break;
    const same = known.byKind.get(entry.kind);
    if (same === undefined) known.byKind.set(entry.kind, [entry]);
    else same.push(entry);
  }
  return [...(known.byKind.get(kind) ?? [])] as EntryOf<K>[];
}
