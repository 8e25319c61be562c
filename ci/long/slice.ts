import { given } from '../../harness/core/given.ts';
import type { PartUnit } from './parts.ts';
import type { Records } from './records.ts';
import { runUnit } from './run-unit.ts';

/** No slice takes longer. */
export const SLICE_MS = 40 * 60_000;

/**
 * The items of slice `K/N`, counted from 1: every Nth, so that what takes long (it stands together in a part) is spread over
 * the slices. Undefined where the text names no slice.
 */
export function sliceOf<Item>(items: readonly Item[], text: string): readonly Item[] | undefined {
  const [, number, of] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(text) ?? []).map(Number);
  if (number === undefined || of === undefined || number > of) return undefined;
  return items.filter((_, index) => index % of === number - 1);
}

export interface SliceRun {
  readonly units: readonly PartUnit[];
  /** Parts that cannot run here. */
  readonly absent: ReadonlySet<string>;
  readonly records: Records;
  /** What of the sources is not what it was; a result of sources that changed meanwhile belongs to none of them. */
  readonly changes: () => readonly string[];
  readonly signal: AbortSignal;
  readonly nowMs?: () => number;
  /** How long a unit that is asked to end has for that. */
  readonly endingMs?: number;
  readonly write: (line: string) => void;
}

/** How a slice stands when it ends; what failed earlier on these sources has failed. */
export interface SliceEnd {
  readonly passed: number;
  /** Those without a result among them, unless they were interrupted. */
  readonly failed: number;
  /** What is not done, and why not. */
  readonly left: readonly string[];
}

/**
 * Runs the units of a slice that are not done on these sources, each recorded as soon as it has ended with a result, until
 * the slice's time is over. A unit that throws has no result: its input was bad, or it could not be tried.
 */
export async function runSlice(run: SliceRun): Promise<SliceEnd> {
  const { units, absent, records, signal, write, nowMs = () => performance.now() } = run;
  const startedMs = nowMs();
  const endOfSlice = AbortSignal.any([signal, AbortSignal.timeout(SLICE_MS)]);
  const count = { passed: 0, failed: 0 };
  const left: string[] = [];
  /** Why no other unit is begun. */
  let obstacle: string | undefined;
  for (const one of units) {
    const { part, unit, seed } = one;
    const leave = (why: string): unknown => left.push(`${part}, ${unit}: ${why}`);
    const done = records.doneOf(one);
    const expectedMs = records.lastMsOf(one) ?? one.guessMs;
    if (done !== undefined) count[done.result === 'passed' ? 'passed' : 'failed']++;
    else if (obstacle !== undefined) leave(`not begun, since ${obstacle}`);
    else if (endOfSlice.aborted) leave('not begun');
    else if (absent.has(part)) leave('cannot run here');
    else if (nowMs() - startedMs + expectedMs > SLICE_MS)
      leave(`its ${(expectedMs / 60_000).toFixed(1)} min do not fit into this slice any more`);
    else {
      write(`${part}, ${unit}:`);
      const unitStartedMs = nowMs();
      const { outcome, goesOn } = await runUnit(one, endOfSlice, run.endingMs);
      const seconds = (nowMs() - unitStartedMs) / 1000;
      const changes = run.changes();
      if (goesOn) obstacle = `${unit} goes on`;
      if (outcome.result === 'interrupted') leave(`interrupted after ${seconds.toFixed(0)} s`);
      else if (outcome.result === 'none') {
        count.failed++;
        leave(`no result, so that none is recorded: ${outcome.reason}`);
      } else if (changes.length > 0) {
        obstacle = 'the sources have changed';
        leave(`the sources changed while it ran, so its result belongs to none: ${changes.join(', ')}`);
      } else {
        records.add({ part, unit, ...given({ seed }), ...outcome, seconds });
        const why = outcome.reason === undefined ? '' : `: ${outcome.reason}`;
        write(`${part}, ${unit}: ${outcome.result} in ${seconds.toFixed(1)} s${why}\n`);
        if (outcome.result === 'skipped') leave('skipped, which shows nothing');
        else count[outcome.result]++;
      }
    }
  }
  return { ...count, left };
}
