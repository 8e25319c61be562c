import { wallOf, type TrialFacts } from './trial-facts.ts';
import type { Mark } from '../verdict.ts';
import { given } from '../given.ts';

/** A mark at a monotonic instant, with its Unix time. */
export function stampMark(
  facts: TrialFacts,
  name: Mark['name'],
  monoMs: number,
  errorMs: number,
  seenBy: string,
  detail?: string,
): Mark {
  return {
    name,
    monoMs,
    wallMs: wallOf(facts, monoMs),
    errorMs,
    seenBy,
    ...given({ detail }),
  };
}
