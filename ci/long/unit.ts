/** What came out of a unit; `skipped` where something that it needs is not there, which shows nothing. */
export interface UnitOutcome {
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What was measured, by the name of the figure; null for a recovery that never came, since JSON has no infinity. */
  readonly figures?: Readonly<Record<string, readonly (number | null)[]>>;
}

/** The smallest piece of the long suite that is recorded: it is done on a commit, or it is not. */
export interface Unit {
  /** Unique in its part. */
  readonly name: string;
  readonly seed?: number;
  run(signal: AbortSignal): Promise<UnitOutcome>;
}

/** One row of the long suite. */
export interface Part {
  readonly name: string;
  /** What it shows, in half a line. */
  readonly what: string;
  /** How long a unit of it may take, as long as none has been timed. */
  readonly unitMinutes: number;
  /** Why it cannot run here, with the next step; undefined where it can. */
  absence?(): Promise<{ readonly why: string; readonly hint: string } | undefined>;
  units(signal: AbortSignal): Promise<readonly Unit[]>;
}
