import { systemClock } from '../../core/clock.ts';
import type { Entry, EntryBody, EntryKind, EntryOf } from '../../core/journal/journal.ts';

/** A journal in memory for tests: what was appended, and a way to wait for it. */
export interface Recording {
  readonly entries: Entry[];
  readonly append: (body: EntryBody) => void;
  of<K extends EntryKind>(kind: K): EntryOf<K>[];
  /** Resolves when an entry matches; rejects after `withinMs`, naming the last entries. */
  until(matches: (entries: readonly Entry[]) => boolean, withinMs?: number): Promise<void>;
}

export function record(): Recording {
  const entries: Entry[] = [];
  const waiting = new Set<() => void>();
  return {
    entries,
    append: (body) => {
      entries.push({ ...body, seq: entries.length, ...systemClock.now() });
      for (const look of waiting) look();
    },
    of: <K extends EntryKind>(kind: K) => entries.filter((entry): entry is EntryOf<K> => entry.kind === kind),
    until: async (matches, withinMs = 5_000) => {
      const found = Promise.withResolvers<undefined>();
      const look = (): void => {
        if (matches(entries)) found.resolve(undefined);
      };
      const limit = setTimeout(() => {
        found.reject(
          new Error(`not within ${withinMs} ms; last: ${JSON.stringify(entries.slice(-4), null, 1)}`),
        );
      }, withinMs);
      waiting.add(look);
      look();
      try {
        await found.promise;
      } finally {
        clearTimeout(limit);
        waiting.delete(look);
      }
    },
  };
}

/** What was appended, without its stamps. */
export function bodyOf(entry: Entry): object {
  const stamps = ['seq', 'monoMs', 'wallMs'];
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !stamps.includes(key)));
}
