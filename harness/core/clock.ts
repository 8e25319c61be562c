import { setTimeout as delay } from 'node:timers/promises';

/** One instant on both clocks of this machine. */
export interface Instant {
  /** Milliseconds since the Unix epoch; may step. */
  readonly wallMs: number;
  /** Milliseconds of CLOCK_MONOTONIC, with a fraction; comparable between processes of one boot. */
  readonly monoMs: number;
}

/** The source of time; passed in wherever a decision depends on it. */
export interface Clock {
  now(): Instant;
  /** Resolves after `durationMs`; rejects with the signal's reason when it aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** The clocks of this machine. */
export const systemClock: Clock = {
  now: () => ({ wallMs: Date.now(), monoMs: Number(process.hrtime.bigint()) / 1e6 }),
  sleep: async (durationMs, signal) => {
    await delay(durationMs, undefined, signal ? { signal } : {});
  },
};

/** Waits, unless the signal aborts: then it returns at once, and the caller looks at the signal. */
export async function pause(clock: Clock, durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(durationMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
