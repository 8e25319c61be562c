import { describeError } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { doneRecord, lastMs, mayBegin, SLICE_MS, type UnitName } from './plan.ts';
import { addRecord, readRecords } from './records.ts';
import type { Unit, UnitOutcome } from './unit.ts';

/** A unit of a slice, with the row that it stands in. */
export interface SliceUnit extends Unit, UnitName {
  /** How long it may take, as long as it has not been timed. */
  readonly guessMs: number;
}

export interface SliceRun {
  readonly units: readonly SliceUnit[];
  /** Parts that cannot run here. */
  readonly absent: ReadonlySet<string>;
  readonly commit: string;
  /** Asked after each unit: a result belongs to sources that stayed as they were. */
  readonly commitNow: () => string;
  readonly recordsFile: string;
  readonly signal: AbortSignal;
  readonly nowMs?: () => number;
  readonly write: (line: string) => void;
}

/** How a slice stands when it ends; what failed earlier on these sources has failed. */
export interface SliceEnd {
  readonly passed: number;
  readonly failed: number;
  /** What is not done, and why not. */
  readonly left: readonly string[];
}

/**
 * Runs the units of a slice that are not done on these sources, each recorded as soon as it has ended, until the slice's time
 * is over.
 *
 * @throws Error where the sources have changed meanwhile; the unit that ran then is not recorded
 */
export async function runSlice(run: SliceRun): Promise<SliceEnd> {
  const { units, absent, commit, recordsFile, signal, write, nowMs = () => performance.now() } = run;
  const startedMs = nowMs();
  const endOfSlice = AbortSignal.any([signal, AbortSignal.timeout(SLICE_MS)]);
  const isOver = (): boolean => endOfSlice.aborted;
  const count = { passed: 0, failed: 0 };
  const left: string[] = [];
  for (const unit of units) {
    const name = `${unit.part}, ${unit.unit}`;
    const records = readRecords(recordsFile);
    const done = doneRecord(unit, records, commit);
    if (done !== undefined) {
      count[done.result === 'passed' ? 'passed' : 'failed']++;
      continue;
    }
    if (absent.has(unit.part) || isOver()) {
      left.push(`${name}: ${isOver() ? 'not begun' : 'cannot run here'}`);
      continue;
    }
    const expectedMs = lastMs(unit, records) ?? unit.guessMs;
    if (!mayBegin(nowMs() - startedMs, expectedMs)) {
      left.push(`${name}: its ${(expectedMs / 60_000).toFixed(1)} min do not fit into this slice any more`);
      continue;
    }
    write(`${name}:`);
    const unitStartedMs = nowMs();
    const outcome = await outcomeOf(unit, endOfSlice, write);
    const seconds = (nowMs() - unitStartedMs) / 1000;
    if (isOver()) {
      left.push(`${name}: interrupted after ${seconds.toFixed(0)} s`);
      continue;
    }
    if (run.commitNow() !== commit)
      throw new Error(`the sources changed while ${name} ran: its result belongs to none of them`);
    const { part, unit: unitName, seed } = unit;
    const { result } = outcome;
    const endedAt = new Date().toISOString();
    addRecord(recordsFile, {
      ...{ commit, part, unit: unitName },
      ...given({ seed }),
      ...outcome,
      ...{ seconds, endedAt },
    });
    write(`${name}: ${result} in ${seconds.toFixed(1)} s\n`);
    if (result === 'skipped') left.push(`${name}: skipped, which shows nothing`);
    else count[result]++;
  }
  return { ...count, left };
}

/** What throws has failed, and says why. */
async function outcomeOf(
  unit: SliceUnit,
  signal: AbortSignal,
  write: (line: string) => void,
): Promise<UnitOutcome> {
  try {
    return await unit.run(signal);
  } catch (error) {
    write(describeError(error));
    return { result: 'failed' };
  }
}
