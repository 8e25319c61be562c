import { dueOf, SLI_WINDOW_MS, type SliWindow, type TimedSample } from './probe-windows.ts';

/** Share of the outage's last requests that may have been lucky, for the far end of the bracket. */
const LUCK = 0.05;

/** The first and the last moment outside of the bound after an instant. */
export function relapseAfter(
  samples: readonly TimedSample[],
  windows: readonly SliWindow[],
  afterMs: number,
): { monoMs: number; durationMs: number } | undefined {
  const bad = windows.filter((window) => !window.inside && dueOf(samples, window.last) > afterMs);
  const [first] = bad;
  const final = bad.at(-1);
  if (first === undefined || final === undefined) return undefined;
  const monoMs = dueOf(samples, first.last);
  return { monoMs, durationMs: dueOf(samples, final.last) - monoMs };
}

/**
 * While windows are still outside, a window inside the bound can begin no earlier than after the newest bad request
 * that it could not afford to hold.
 */
export function lastPossibleLeftEdge(
  samples: readonly TimedSample[],
  minGoodShare: number,
  periodMs: number,
): number {
  const perWindow = Math.max(1, Math.round(SLI_WINDOW_MS / periodMs));
  let affordable = Math.floor((1 - minGoodShare) * perWindow + 1e-9);
  for (let index = samples.length - 1; index >= 0; index--) {
    const sample = samples[index];
    if (sample === undefined || sample.ok) continue;
    if (affordable-- === 0) return sample.dueMonoMs;
  }
  return dueOf(samples, 0);
}

/**
 * Requests that may have been good by luck after the last bad one, while the fault was still there: a fault that hits
 * a third of the replicas lets two of three requests through. 0 for a total outage.
 */
export function luckyStreak(samples: readonly TimedSample[], fromMs: number, lastBadMs: number): number {
  const during = samples.filter((sample) => sample.dueMonoMs >= fromMs && sample.dueMonoMs <= lastBadMs);
  const recent = during.slice(-40);
  const bad = recent.filter((sample) => !sample.ok).length;
  if (bad === recent.length || recent.length === 0) return 0;
  const share = Math.max(bad - 1, 1) / Math.max(recent.length - 1, 1);
  return share >= 1 ? 0 : Math.ceil(Math.log(LUCK) / Math.log(1 - share)) - 1;
}
