import { dueOf, SLI_WINDOW_MS, type SliWindow, type TimedSample } from './probe-windows.ts';

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
