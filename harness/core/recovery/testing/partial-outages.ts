import { formatBracket } from '../../duration.ts';
import { createRng, type Rng } from '../../seed.ts';
import type { ProbeTrace, TimedSample } from '../probe-windows.ts';
import { recoveryFromProbe } from '../recovery.ts';

const PERIOD_MS = 50;
const EFFECTIVE_MS = 3_000;
/** Longer than every outage and what it needs to be seen as over. */
const WATCH_MS = 28_000;

/** Failing shares for which the bracket is promised to hold. */
export const SHARES = {
  all: 1,
  '2/3': 2 / 3,
  '1/2': 1 / 2,
  '1/3': 1 / 3,
  '1/6': 1 / 6,
  '1/10': 1 / 10,
  '1/20': 1 / 20,
} as const;

/** How the printed brackets of many outages, in which one share of requests fails, lie to the truth. */
export interface Calibration {
  /** Share of outages whose printed bracket holds the true end. */
  readonly holds: number;
  /** Median width of the printed brackets in milliseconds. */
  readonly widthMs: number;
  /** Median width over the narrowest that could hold it in 95 % if the share were known. */
  readonly overIdeal: number;
  /** Share of outages of which no request was hit: they have no bracket. */
  readonly unseen: number;
}

interface Outages {
  readonly share: number;
  readonly count: number;
  readonly seed: number;
  /** The objective's least share of good requests; 0.99 when absent. */
  readonly minGoodShare?: number;
}

/** Simulates outages of 1 to 20 s at 20 requests per second, in a fifth of which the probe has a hiccup. */
export function calibrate({ share, count, seed, minGoodShare = 0.99 }: Outages): Calibration {
  const rng = createRng(seed);
  const widths: number[] = [];
  let held = 0;
  let unseen = 0;
  for (let index = 0; index < count; index++) {
    const trueMs = 1_000 + 19_000 * rng.next();
    const { duration } = recoveryFromProbe(probed(rng, share, trueMs), {
      requestedMonoMs: EFFECTIVE_MS - 20,
      effectiveMonoMs: EFFECTIVE_MS,
      effectiveErrorMs: 0,
      minGoodShare,
      stableForMs: 5_000,
      watchUntilMonoMs: EFFECTIVE_MS + WATCH_MS,
    });
    if (duration.kind === 'no-impact') unseen++;
    if (duration.kind !== 'measured') continue;
    const printed = formatBracket(duration.ms, duration.lowMs, duration.highMs);
    const [, lowMs = NaN, highMs = NaN] = (/\((.*) to (.*)\)/.exec(printed) ?? []).map(
      (text) => 1_000 * Number(text),
    );
    if (lowMs <= trueMs && trueMs <= highMs) held++;
    widths.push(highMs - lowMs);
  }
  widths.sort((a, b) => a - b);
  const widthMs = widths[Math.floor(widths.length / 2)] ?? NaN;
  const ideal = share === 1 ? 1 : Math.log(0.05) / Math.log(1 - share);
  return {
    ...{ widthMs, overIdeal: widthMs / PERIOD_MS / ideal },
    ...{ holds: held / (count - unseen), unseen: unseen / count },
  };
}

/** Requests reach the server some milliseconds after they are due, and now and then late. */
function probed(rng: Rng, share: number, trueMs: number): ProbeTrace {
  const samples: TimedSample[] = [];
  for (
    let dueMonoMs = PERIOD_MS * rng.next();
    dueMonoMs < EFFECTIVE_MS + WATCH_MS + PERIOD_MS;
    dueMonoMs += PERIOD_MS
  ) {
    const lateMs = rng.next() < 0.02 ? 5 * rng.next() : 0.3;
    const latencyMs = 1 + 3 * rng.next() + (rng.next() < 0.02 ? 20 * rng.next() : 0);
    const arrivedMs = dueMonoMs + lateMs + latencyMs / 2 - EFFECTIVE_MS;
    const ok = arrivedMs < 0 || arrivedMs >= trueMs || rng.next() >= share;
    samples.push({ dueMonoMs, ok, lateMs, latencyMs });
  }
  const fromMs = EFFECTIVE_MS + trueMs * rng.next();
  const toMs = fromMs + PERIOD_MS * rng.below(4);
  const hasHiccup = rng.next() < 0.2;
  const kept = samples.filter(({ dueMonoMs }) => !hasHiccup || dueMonoMs < fromMs || dueMonoMs >= toMs);
  return { target: 'simulated', samples: kept, gaps: [], clockErrorMs: 0 };
}
