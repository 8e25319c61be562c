import { wallOf, type TrialFacts } from './trial-facts.ts';
import type { Mark } from '../verdict.ts';
import { given } from '../given.ts';

type MarkError = Pick<Mark, 'beforeMs' | 'afterMs'>;

/** The error of a mark that may be off by as much on either side. */
export function within(errorMs: number): MarkError {
  return { beforeMs: errorMs, afterMs: errorMs };
}

/** A mark at a monotonic instant, with its Unix time. */
export function stampMark(
  facts: TrialFacts,
  name: Mark['name'],
  monoMs: number,
  error: MarkError,
  seenBy: string,
  detail?: string,
): Mark {
  return {
    name,
    monoMs,
    wallMs: wallOf(facts, monoMs),
    ...error,
    seenBy,
    ...given({ detail }),
  };
}
