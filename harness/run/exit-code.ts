import type { Verdict } from '../core/verdict.ts';
import type { RunnerOutcome } from './runner-outcome.ts';

/** The exit codes of `npm test`. */
export const EXIT = {
  asExpected: 0,
  violated: 1,
  inconclusive: 2,
  badInput: 64,
  ownFault: 70,
} as const;

/** What a run ended with, besides its verdicts. */
export interface RunEnd {
  readonly verdicts: readonly Pick<Verdict, 'outcome' | 'expected' | 'asExpected'>[];
  readonly residue: boolean;
  /** Playwright could not run the scenarios at all: a syntax error, a crash. */
  readonly runnerFailed: boolean;
  /** Tests without a trial, which have no verdict. */
  readonly plain?: RunnerOutcome['plain'];
}

/** The exit code of a run that was not interrupted. A control counts by the verdict that it expects. */
export function exitCodeOf(end: RunEnd): number {
  if (end.residue) return EXIT.ownFault;
  const unexpected = end.verdicts.filter((verdict) => !verdict.asExpected);
  // A control that was to be violated and held has shown the opposite of its claim.
  if (unexpected.some((verdict) => verdict.outcome !== 'inconclusive') || (end.plain?.failed ?? 0) > 0)
    return EXIT.violated;
  if (unexpected.length > 0) return EXIT.inconclusive;
  if (end.runnerFailed) return EXIT.ownFault;
  return end.verdicts.length === 0 ? EXIT.inconclusive : EXIT.asExpected;
}
