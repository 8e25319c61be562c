import type { ConfigMapObject } from '../runtime/objects.ts';

/** One treatment in the history that budgets and cool-downs rest on. Times are Unix milliseconds. */
export interface LedgerEntry {
  readonly attempt: string;
  readonly node: string;
  readonly uid: string;
  readonly pool: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly outcome?: 'recovered' | 'cancelled';
}

const KEY = 'entries';
const KEEP = 100;

export function readEntries(ledger: ConfigMapObject | undefined): readonly LedgerEntry[] {
  const text = ledger?.data?.[KEY];
  if (text === undefined || text === '') return [];
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

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

/** What the guards need of the history. */
export function countEntries(
  entries: readonly LedgerEntry[],
  node: { readonly uid: string; readonly name: string; readonly pool: string },
  windowMs: number,
  wallMs: number,
): { attemptsOnNode: number; attemptsInPool: number; nextAttempt: number; endedAgoMs?: number } {
  const open = entries.find((each) => each.uid === node.uid && each.endedAtMs === undefined);
  // An attempt that was noted but never began is the one about to begin: it must not use up the budget twice.
  const counted = entries.filter((each) => each !== open && each.startedAtMs > wallMs - windowMs);
  const ends = entries.flatMap((each) => (each.endedAtMs === undefined ? [] : [each.endedAtMs]));
  const ended = ends.length === 0 ? undefined : Math.max(0, wallMs - Math.max(...ends));
  return {
    attemptsOnNode: counted.filter((each) => each.node === node.name || each.uid === node.uid).length,
    attemptsInPool: counted.filter((each) => each.pool === node.pool).length,
    nextAttempt: 1 + entries.filter((each) => each !== open && each.uid === node.uid).length,
    ...(ended === undefined ? {} : { endedAgoMs: ended }),
  };
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return (
    ['attempt', 'node', 'uid', 'pool'].every((key) => typeof record[key] === 'string') &&
    typeof record['startedAtMs'] === 'number'
  );
}
