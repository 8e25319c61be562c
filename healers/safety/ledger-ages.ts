import type { Clock } from '../../harness/core/clock.ts';
import type { LedgerEntry } from './ledger.ts';

/** CLOCK_MONOTONIC milliseconds of this process at which, at the latest, an attempt began and ended. */
interface Known {
  readonly beganMs: number;
  readonly endedMs: number | undefined;
}

/**
 * How old the ledger's entries are, as far as healers have watched. Wall clocks say nothing here: that of a new leader may be an
 * hour off, in either direction. An entry ages while a process that has seen it lives, by that process's own clock, and what it
 * aged is written down with it: who leads next goes on from there, or from what it has watched itself. So a change of leaders
 * gives no budget back, and a time in which no healer was there ages nothing: that it has passed nobody can show.
 */
export class LedgerAges {
  readonly #clock: Clock;
  #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same entries, as old as they are now; those that are not among them are forgotten. */
  of(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
    const { monoMs } = this.#clock.now();
    const before = this.#known;
    this.#known = new Map(
      entries.map(({ attempt, agedMs = 0, endedAtMs, endedForMs = 0 }) => {
        const { beganMs = Infinity, endedMs = Infinity } = before.get(attempt) ?? {};
        const ended = endedAtMs === undefined ? undefined : Math.min(endedMs, monoMs - endedForMs);
        return [attempt, { beganMs: Math.min(beganMs, monoMs - agedMs), endedMs: ended }];
      }),
    );
    return entries.map((entry) => {
      const { beganMs = monoMs, endedMs } = this.#known.get(entry.attempt) ?? {};
      const ended = endedMs === undefined ? {} : { endedForMs: monoMs - endedMs };
      return { ...entry, agedMs: monoMs - beganMs, ...ended };
    });
  }
}
