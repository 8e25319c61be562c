import { insideBound, type Bound } from './slo.ts';

/** A span of time that holds an instant, exclusive at the low end; both in milliseconds since effective. */
export interface Bracket {
  readonly lowMs: number;
  readonly highMs: number;
}

/** How much of a moment's neighbourhood a PromQL value cannot tell apart: W, one scrape, and one step. */
export function promWidthMs(windowMs: number, scrapeIntervalMs: number, stepMs = scrapeIntervalMs): number {
  return windowMs + scrapeIntervalMs + stepMs;
}

export interface PromQuestion {
  readonly effectiveWallMs: number;
  readonly bound: Bound;
  readonly stableForMs: number;
  readonly windowMs: number;
  readonly scrapeIntervalMs: number;
  /** Up to here (the limit of the claim) every violation counts, also one after a stable run. */
  readonly watchUntilWallMs: number;
}

export type PromPoint = readonly [wallMs: number, value: number | null];

/** What a range query says about the recovery, as far as its points reach. */
type PromAnswer =
  | { readonly kind: 'restored'; readonly bracket: Bracket; readonly stableUntilWallMs: number }
  /** The indicator never left its bound, which a short outage does not make it do: the bracket begins at 0. */
  | { readonly kind: 'no-impact'; readonly bracket: Bracket; readonly stableUntilWallMs: number }
  /** Outside when last seen, or inside but not yet for long enough; `lowMs` holds whatever comes. */
  | { readonly kind: 'open'; readonly lowMs: number; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Restored lies in (last bad point - W - scrape, first good point]. */
export function recoveryFromProm(points: readonly PromPoint[], question: PromQuestion): PromAnswer {
  const sorted = [...points].sort((a, b) => a[0] - b[0]);
  const before = sorted.findLast(([wallMs]) => wallMs <= question.effectiveWallMs);
  if (before === undefined || before[1] === null)
    return { kind: 'unknown', reason: 'the query had no value before the fault' };
  if (!insideBound(before[1], question.bound)) {
    return { kind: 'unknown', reason: `the query was outside its bound before the fault: ${before[1]}` };
  }

  const reachMs = question.windowMs + question.scrapeIntervalMs;
  const since = (wallMs: number): number => Math.max(0, wallMs - question.effectiveWallMs);
  const stableUntil = (fromMs: number): number =>
    Math.max(fromMs + question.stableForMs, question.watchUntilWallMs);
  let lastBadMs: number | undefined;
  let firstGoodMs: number | undefined;
  for (const [wallMs, value] of sorted) {
    if (wallMs <= question.effectiveWallMs) continue;
    if (firstGoodMs !== undefined && wallMs > stableUntil(firstGoodMs)) break;
    if (lastBadMs === undefined && wallMs > stableUntil(question.effectiveWallMs)) break;
    if (value === null || Number.isNaN(value)) {
      return {
        kind: 'unknown',
        reason: `the query has no value ${since(wallMs)} ms after the fault took effect`,
      };
    }
    if (!insideBound(value, question.bound)) {
      lastBadMs = wallMs;
      firstGoodMs = undefined;
    } else if (lastBadMs !== undefined) {
      firstGoodMs ??= wallMs;
    }
  }

  const [seenMs] = sorted.at(-1) ?? before;
  if (lastBadMs === undefined) {
    const stableUntilWallMs = stableUntil(question.effectiveWallMs);
    return seenMs >= stableUntilWallMs
      ? {
          kind: 'no-impact',
          bracket: { lowMs: 0, highMs: reachMs },
          stableUntilWallMs,
        }
      : {
          kind: 'open',
          lowMs: 0,
          reason: 'inside its bound so far, but not watched to the end of the time allowed',
        };
  }
  const lowMs = since(lastBadMs - reachMs);
  if (firstGoodMs === undefined) return { kind: 'open', lowMs, reason: 'still outside its bound' };
  const stableUntilWallMs = stableUntil(firstGoodMs);
  if (seenMs < stableUntilWallMs)
    return { kind: 'open', lowMs, reason: 'inside its bound, but not yet for long enough' };
  return { kind: 'restored', bracket: { lowMs, highMs: since(firstGoodMs) }, stableUntilWallMs };
}

/** Two observers of one instant agree when it can lie in both brackets. */
export function overlap(a: Bracket, b: Bracket): Bracket | undefined {
  const lowMs = Math.max(a.lowMs, b.lowMs);
  const highMs = Math.min(a.highMs, b.highMs);
  return lowMs <= highMs ? { lowMs, highMs } : undefined;
}
