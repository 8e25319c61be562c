import { given } from '../../harness/core/given.ts';
import type { ConfigMapObject } from '../cluster/objects.ts';
import type { Remediation } from '../incident/remediation.ts';

/** One remediation in the history that budgets and cool-downs rest on. Its times are Unix milliseconds and for people; what counts is how long healers have watched. */
export interface LedgerEntry extends Pick<Remediation, 'attempt' | 'startedAtMs'> {
  readonly node: string;
  readonly uid: string;
  readonly pool: string;
  readonly zone: string;
  /** For how long healers have watched it since it began; absent: nobody has yet. */
  readonly agedMs?: number;
  readonly endedAtMs?: number;
  /** For how long healers have watched it since it ended. */
  readonly endedForMs?: number;
  readonly outcome?: 'recovered' | 'cancelled';
  /** The loss of a whole zone that it is part of; the attempts of one count as one. */
  readonly zoneLoss?: string;
}

/** Between an entry and the mark on its node lies one request; so much later there will be none. */
const ABANDONED_AFTER_MS = 60_000;

const KEY = 'entries';
const KEEP = 100;

export function readEntries(ledger: ConfigMapObject | undefined): readonly LedgerEntry[] {
  const text = ledger?.data?.[KEY];
  if (ledger === undefined || text === undefined || text === '') return [];
  const known = read.get(ledger);
  if (known !== undefined) return known;
  const value: unknown = JSON.parse(text);
  const entries = Array.isArray(value) ? value.filter(isEntry) : [];
  read.set(ledger, entries);
  return entries;
}

/** A later state of the ledger is another object: each is read once, and not whenever the cluster is counted. */
const read = new WeakMap<ConfigMapObject, readonly LedgerEntry[]>();

export function writeEntries(entries: readonly LedgerEntry[]): Readonly<Record<string, string>> {
  return { [KEY]: JSON.stringify(entries.slice(-KEEP)) };
}

/** Adds the attempt unless it is there already: a restart repeats the write, not the attempt. */
export function withStarted(entries: readonly LedgerEntry[], entry: LedgerEntry): readonly LedgerEntry[] {
  return entries.some((each) => each.attempt === entry.attempt) ? entries : [...entries, entry];
}

export function withEnded(
  entries: readonly LedgerEntry[],
  attempt: string,
  endedAtMs: number,
  outcome: 'recovered' | 'cancelled',
): readonly LedgerEntry[] {
  return entries.map((each) =>
    each.attempt === attempt && each.endedAtMs === undefined ? { ...each, endedAtMs, outcome } : each,
  );
}

/** The loss of a whole zone that has not ended, which the ledger knows before any node is marked. */
export function openZoneLoss(entries: readonly LedgerEntry[], zone: string): string | undefined {
  return entries.find((each) => each.zone === zone && each.endedAtMs === undefined && each.zoneLoss)
    ?.zoneLoss;
}

/** What the guards need of the history, whose entries are as old as they are now. */
export function countEntries(
  entries: readonly LedgerEntry[],
  node: { readonly uid: string; readonly name: string; readonly pool: string },
  windowMs: number,
): { attemptsOnNode: number; attemptsInPool: number; openAttempt?: string; endedAgoMs?: number } {
  const open = entries.find((each) => each.uid === node.uid && each.endedAtMs === undefined);
  // An attempt that was noted but never began is the one about to begin: it must not use up the budget twice.
  const counted = entries.filter((each) => each !== open && ageOf(each) < windowMs);
  const ended = entries.flatMap(({ endedForMs }) => endedForMs ?? []);
  return {
    attemptsOnNode: counted.filter((each) => each.node === node.name || each.uid === node.uid).length,
    attemptsInPool: new Set(
      counted.filter((each) => each.pool === node.pool).map((each) => each.zoneLoss ?? each.attempt),
    ).size,
    ...given({ openAttempt: open?.attempt, endedAgoMs: ended.toSorted((one, other) => one - other)[0] }),
  };
}

/** Whether the mark on its node, if there is none, will never be set. */
export function isTooOldToBegin(entry: LedgerEntry): boolean {
  return ageOf(entry) > ABANDONED_AFTER_MS;
}

function ageOf({ agedMs = 0 }: LedgerEntry): number {
  return agedMs;
}

/** The entries that no treatment answers for any more: their node is gone, or was never marked. */
export function abandonedEntries(
  entries: readonly LedgerEntry[],
  treated: (entry: LedgerEntry) => 'gone' | 'treated' | 'untreated',
): readonly (LedgerEntry & { readonly ending: 'recovered' | 'cancelled' })[] {
  return entries.flatMap(
    (entry): readonly (LedgerEntry & { readonly ending: 'recovered' | 'cancelled' })[] => {
      if (entry.endedAtMs !== undefined) return [];
      const state = treated(entry);
      if (state === 'gone') return [{ ...entry, ending: 'recovered' }];
      return state === 'untreated' && isTooOldToBegin(entry) ? [{ ...entry, ending: 'cancelled' }] : [];
    },
  );
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return (
    ['attempt', 'node', 'uid', 'pool', 'zone'].every((key) => typeof record[key] === 'string') &&
    typeof record['startedAtMs'] === 'number'
  );
}
