import type { TestTime } from './tally.ts';

/** As in "70.0 s (budget 60 s, last run 58.1 s): 10.0 s over its budget". */
export function timeBesideBudget(seconds: number, budgetMinutes: number, lastSeconds?: number): string {
  const budgetSeconds = budgetMinutes * 60;
  const last = lastSeconds === undefined ? '' : `, last run ${lastSeconds.toFixed(1)} s`;
  const over = seconds > budgetSeconds ? `: ${(seconds - budgetSeconds).toFixed(1)} s over its budget` : '';
  return `${seconds.toFixed(1)} s (budget ${budgetSeconds.toFixed(0)} s${last})${over}`;
}

/** The slowest first, one line each; none where nothing was timed. */
export function slowestLines(times: readonly TestTime[], count: number): readonly string[] {
  return times
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, count)
    .map(({ name, file, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${name} (${file})`);
}
