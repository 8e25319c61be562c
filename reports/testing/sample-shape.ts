import type { EntryBody } from '../../harness/core/journal/journal.ts';

/** The shapes of trials that a report has to tell. */
export type SampleShape = 'held' | 'violated' | 'censored' | 'inconclusive' | 'no-impact';

export interface SampleOptions {
  readonly shape: SampleShape;
  readonly seed?: number;
  readonly title?: string;
  readonly scenario?: string;
  readonly trialId?: string;
  readonly faultKind?: string;
  readonly repeatIndex?: number;
  /** Put in front of every name of a node or pod, to try long ones. */
  readonly namePrefix?: string;
}

/** The instants of a trial, in milliseconds from the effective fault. */
export interface Story {
  readonly options: Required<SampleOptions>;
  readonly requestedMs: number;
  readonly impact: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly healer:
    { readonly detectedMs: number; readonly decidedMs: number; readonly actedMs: number } | undefined;
  readonly replacedMs: number | undefined;
  readonly capacityMs: number | undefined;
  readonly revertedMs: number;
  readonly endMs: number;
}

/** Writes a body at an instant of the story. */
export type Write = (atMs: number, body: EntryBody) => void;

const ZERO_MONO_MS = 5_000_000;
const ZERO_WALL_MS = Date.UTC(2026, 10, 22, 10, 30, 41, 250);

export function monoOf(atMs: number): number {
  return ZERO_MONO_MS + atMs;
}

export function wallOf(atMs: number): number {
  return ZERO_WALL_MS + atMs;
}

/** A small seeded generator of numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
