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

export function entriesOf<K extends EntryKind>(entries: readonly Entry[], kind: K): EntryOf<K>[] {
  return entries.filter((entry): entry is EntryOf<K> => entry.kind === kind);
}
