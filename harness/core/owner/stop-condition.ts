import { describeEnd, openWithin } from './calendar.ts';
import type { StopCondition } from './policy.ts';

/** What one look at a stop condition has shown. */
export interface StopReading {
  readonly name: string;
  readonly state: 'clear' | 'true' | 'unreadable';
  /** The value and the limit, the alert's state, or why it could not be read. */
  readonly detail: string;
}

/** Why a trial has to end. */
export interface StopReason {
  readonly condition: string;
  readonly state: 'true' | 'unreadable';
  readonly detail: string;
}

/** How long a condition may be unread while faults are there: one answer that is late is no outage. */
const BLIND_FOR_MS = 5_000;

/** What is known of the conditions of one trial: pure, told of every look with its time. */
export class StopConditionTracker {
  readonly #blindForMs: number;
  readonly #clearMonoMs = new Map<string, number>();

  constructor(startMonoMs: number, conditions: readonly StopCondition[], blindForMs = BLIND_FOR_MS) {
    this.#blindForMs = blindForMs;
    for (const { name } of conditions) this.#clearMonoMs.set(name, startMonoMs);
  }

  /** The reason to stop, or undefined to go on. */
  update(readings: readonly StopReading[], nowMonoMs: number): StopReason | undefined {
    for (const { name, state } of readings) if (state === 'clear') this.#clearMonoMs.set(name, nowMonoMs);
    const come = readings.find(({ state }) => state === 'true');
    if (come !== undefined) return { condition: come.name, state: 'true', detail: come.detail };
    const blind = readings.find(
      ({ name, state }) =>
        state === 'unreadable' && nowMonoMs - (this.#clearMonoMs.get(name) ?? 0) >= this.#blindForMs,
    );
    return blind && { condition: blind.name, state: 'unreadable', detail: blind.detail };
  }
}

/** What a look at a query's answer says; `values` are those of all its series. */
export function readValues(
  condition: Extract<StopCondition, { kind: 'query' }>,
  values: readonly number[],
): StopReading {
  const { name, above, below } = condition;
  const beyond = values.find(
    (value) => (above !== undefined && value > above) || (below !== undefined && value < below),
  );
  const limit = above === undefined ? `below ${below ?? ''}` : `above ${above}`;
  if (beyond !== undefined) return { name, state: 'true', detail: `${beyond} is ${limit}` };
  // No data is not good news; and NaN is what a share of nothing is.
  if (values.length === 0) return { name, state: 'unreadable', detail: 'its query has no data' };
  if (values.some(Number.isNaN)) return { name, state: 'unreadable', detail: 'its query gives no number' };
  return { name, state: 'clear', detail: `${values.join(', ')} is not ${limit}` };
}

/** Everything has to be undone when a freeze window opens, and may take so long: as `UNDO_DEADLINE_MS` of the undo's executor. */
const UNDONE_WITHIN_MS = 35_000;

/** Whether a freeze window is open, or will be before everything is undone. */
export function readFreeze(
  { name, window }: Extract<StopCondition, { kind: 'freeze' }>,
  wallMs: number,
): StopReading {
  const open = openWithin([window], wallMs, wallMs + UNDONE_WITHIN_MS);
  if (open === undefined) return { name, state: 'clear', detail: 'it is not open' };
  return {
    name,
    state: 'true',
    detail: `it is open or opens within ${UNDONE_WITHIN_MS / 1_000} s, until ${describeEnd(open)}`,
  };
}

/** Why a condition ends a trial, or keeps one from beginning, for a sentence. */
export function describeStop({ condition, state, detail }: StopReason): string {
  return state === 'true'
    ? `the stop condition "${condition}" holds: ${detail}`
    : `the stop condition "${condition}" cannot be read: ${detail}`;
}
