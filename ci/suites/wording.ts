import type { Suite, Tally, TestTime } from './tally.ts';

/** One line on how a suite ended, with its time beside its budget and what it took the last time. */
export function outcomeLine(
  { name, budgetMinutes }: Pick<Suite, 'name' | 'budgetMinutes'>,
  { passed, failed, skipped }: Tally,
  seconds: number,
  lastSeconds: number | undefined,
): string {
  const left = skipped > 0 ? `, ${skipped} skipped` : '';
  return `${name}: ${passed} ok, ${failed} failed${left} in ${timeBesideBudget(seconds, budgetMinutes, lastSeconds)}`;
}

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
