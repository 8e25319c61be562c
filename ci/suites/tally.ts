/** How many tests of a suite passed, failed, or were left out. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How long one test took. */
export interface TestTime {
  readonly name: string;
  readonly file: string;
  readonly seconds: number;
}

/** What a suite has to tell when it is over. */
export interface SuiteResult extends Tally {
  readonly times?: readonly TestTime[];
  /** What a suite has written that did not show it as it came. */
  readonly output?: string;
}

export interface Suite {
  readonly name: string;
  /** What it shows, in half a line. */
  readonly what: string;
  /** How long it may take on two idle cores with every tool cached; who needs more takes it from another row. */
  readonly budgetMinutes: number;
  /** Only reads sources, keeps its output, and so runs beside the others of its kind, before all the rest. */
  readonly sideBySide?: boolean;
  /** Name of the suite without which it cannot run. */
  readonly needs?: string;
  readonly run: (signal: AbortSignal) => Promise<SuiteResult>;
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = (count: keyof Tally): number => tallies.reduce((all, tally) => all + tally[count], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** A suite in which nothing has passed has shown nothing: that is a failure of its own. */
export function failedIfEmpty(result: SuiteResult): SuiteResult {
  if (result.passed + result.failed > 0) return result;
  return { ...result, failed: 1, output: `${result.output ?? ''}  ✗ nothing has run\n` };
}

/** The line that CI reads: nothing else stands on it. */
export function verdictLine(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed`;
}
