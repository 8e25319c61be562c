import { describeError } from '../../harness/core/errors.ts';
import type { PartUnit } from './parts.ts';
import type { UnitOutcome } from './records.ts';

/** How long a unit that is asked to end has for that: it may have clusters to take down. */
const ENDING_MS = 120_000;

/** How a unit ended. */
interface UnitEnd {
  /** Its result, or that it has none: it threw, or was interrupted. */
  readonly outcome:
    UnitOutcome | { readonly result: 'none'; readonly reason: string } | { readonly result: 'interrupted' };
  /** It did not end when it was asked to: nothing else can be measured beside it. */
  readonly goesOn: boolean;
}

/**
 * Runs a unit until the slice ends, or until it has taken twice as long as a unit of its part may take: then it hangs, which
 * is its result.
 */
export async function runUnit(
  { run, guessMs }: Pick<PartUnit, 'run' | 'guessMs'>,
  endOfSlice: AbortSignal,
  endingMs = ENDING_MS,
): Promise<UnitEnd> {
  const late = new AbortController();
  const until = AbortSignal.any([endOfSlice, late.signal]);
  const goingOn = Promise.withResolvers<UnitEnd>();
  let ending: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    ending = setTimeout(
      () => goingOn.resolve({ outcome: { result: 'interrupted' }, goesOn: true }),
      endingMs,
    );
  };
  until.addEventListener('abort', onAbort);
  // No AbortSignal.timeout: its timer would not keep the process from ending with a unit that waits for nothing.
  const deadline = setTimeout(() => late.abort(), 2 * guessMs);
  const ran = run(until).then(
    (outcome): UnitEnd => ({ outcome, goesOn: false }),
    (error: unknown): UnitEnd => ({
      outcome: { result: 'none', reason: describeError(error) },
      goesOn: false,
    }),
  );
  const { outcome, goesOn } = await Promise.race([ran, goingOn.promise]);
  // The slice may end later, and this unit is none of its business then.
  until.removeEventListener('abort', onAbort);
  clearTimeout(deadline);
  clearTimeout(ending);
  if (!until.aborted) return { outcome, goesOn };
  if (until.reason !== late.signal.reason) return { outcome: { result: 'interrupted' }, goesOn };
  const reason = `did not end within ${((2 * guessMs) / 60_000).toFixed(1)} min`;
  return { outcome: { result: 'failed', reason }, goesOn };
}
