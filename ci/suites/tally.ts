/** How many tests of a suite passed, failed, or were left out. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Suite {
  readonly name: string;
  /** What it shows, in half a line. */
  readonly what: string;
  /** Runs only with `--long`, or when it is named. */
  readonly long?: boolean;
  /** Names of suites without which it cannot run. */
  readonly needs?: readonly string[];
  run(signal: AbortSignal): Promise<Tally>;
}

export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
    skipped: tallies.reduce((sum, tally) => sum + tally.skipped, 0),
  };
}

/** The line that CI reads: nothing else stands on it. */
export function verdictLine(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed`;
}
