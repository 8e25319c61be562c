import type { Verdict } from '../core/verdict.ts';

/** The exit codes of `npm test`. */
export const EXIT = {
  asExpected: 0,
  violated: 1,
  inconclusive: 2,
  badInput: 64,
  ownFault: 70,
} as const;

/** What a run ended with, besides its verdicts. */
interface RunEnd {
  readonly verdicts: readonly Pick<Verdict, 'outcome' | 'expected' | 'asExpected'>[];
  readonly residue: boolean;
  /** Playwright could not run the scenarios at all: a syntax error, a crash. */
  readonly runnerFailed: boolean;
}

/** The exit code of a run that was not interrupted. A control counts by the verdict that it expects. */
export function exitCodeOf(end: RunEnd): number {
  if (end.residue) return EXIT.ownFault;
  const unexpected = end.verdicts.filter((verdict) => !verdict.asExpected);
  // A control that was to be violated and held has shown the opposite of its claim.
  if (unexpected.some((verdict) => verdict.outcome !== 'inconclusive')) return EXIT.violated;
  if (unexpected.length > 0) return EXIT.inconclusive;
  if (end.runnerFailed) return EXIT.ownFault;
  return end.verdicts.length === 0 ? EXIT.inconclusive : EXIT.asExpected;
}
