import type { Clock } from '../core/clock.ts';
import { exchangeJson, type Connect } from '../../infra/http/http.ts';

/** Another machine's monotonic clock, mapped to ours. */
export interface ClockMap {
  readonly bootId: string;
  readonly sameBoot: boolean;
  /** Our clock minus the other machine's. */
  readonly offsetMs: number;
  /** Half of the shortest round trip; 0 for the same clock. */
  readonly errorMs: number;
  toHere(theirMonoMs: number): number;
}

interface Reading {
  readonly bootId: string;
  readonly monoMs: number;
}

const TIMEOUT_MS = 2_000;
/** The shortest of several round trips has the smallest error. */
const ROUNDS = 8;

/** Asks `GET /clock`, showing the token; with the same boot id the clocks are one, otherwise the offset is measured. */
export async function readClock(
  connect: Connect,
  options: {
    readonly clock: Clock;
    readonly bootId: string;
    readonly token: string;
    readonly signal: AbortSignal;
  },
): Promise<ClockMap> {
  let best: { reading: Reading; offsetMs: number; errorMs: number } | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const askedMonoMs = options.clock.now().monoMs;
    const reading = (await exchangeJson(connect, {
      path: '/clock',
      token: options.token,
      timeoutMs: TIMEOUT_MS,
      signal: options.signal,
    })) as Reading;
    const answeredMonoMs = options.clock.now().monoMs;
    if (reading.bootId === options.bootId) return mapOf(reading.bootId, true, 0, 0);
    const errorMs = (answeredMonoMs - askedMonoMs) / 2;
    if (best === undefined || errorMs < best.errorMs) {
      best = { reading, offsetMs: askedMonoMs + errorMs - reading.monoMs, errorMs };
    }
  }
  if (best === undefined) throw new RangeError('no round was made');
  return mapOf(best.reading.bootId, false, best.offsetMs, best.errorMs);
}

function mapOf(bootId: string, sameBoot: boolean, offsetMs: number, errorMs: number): ClockMap {
  return { bootId, sameBoot, offsetMs, errorMs, toHere: (theirMonoMs) => theirMonoMs + offsetMs };
}
