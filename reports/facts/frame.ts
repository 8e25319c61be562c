import type { Entry } from '../../harness/core/journal/journal.ts';
import type { Mark, MarkName } from '../../harness/core/verdict.ts';

/** How far two readings of (wall - monotonic) may differ for both to be the same machine's clock. */
const SAME_CLOCK_MS = 1_000;

/** The time axis of one trial: milliseconds from its zero, which is the moment when the fault bit. */
export interface Frame {
  readonly zeroMonoMs: number;
  readonly zeroWallMs: number;
  readonly zeroIs: 'fault effective' | 'fault requested' | 'start of the trial';
}

export function frameOf(entries: readonly Entry[], marks: readonly Mark[]): Frame {
  const candidates: readonly (readonly [MarkName, Frame['zeroIs']])[] = [
    ['effective', 'fault effective'],
    ['requested', 'fault requested'],
  ];
  for (const [name, zeroIs] of candidates) {
    const mark = marks.find((one) => one.name === name);
    if (mark) return { zeroMonoMs: mark.monoMs, zeroWallMs: mark.wallMs, zeroIs };
  }
  for (const entry of entries) {
    if (entry.kind === 'fault.effective') {
      return {
        zeroMonoMs: entry.effectiveMonoMs,
        zeroWallMs: entry.effectiveWallMs,
        zeroIs: 'fault effective',
      };
    }
  }
  const start = entries.find((entry) => entry.kind === 'fault.requested') ?? entries[0];
  return {
    zeroMonoMs: start?.monoMs ?? 0,
    zeroWallMs: start?.wallMs ?? 0,
    zeroIs: start?.kind === 'fault.requested' ? 'fault requested' : 'start of the trial',
  };
}

/** Milliseconds from zero of an instant on the harness's monotonic clock. */
export function atMono(frame: Frame, monoMs: number): number {
  return monoMs - frame.zeroMonoMs;
}

/** Milliseconds from zero of an instant that only the wall clock knows. */
export function atWall(frame: Frame, wallMs: number): number {
  return wallMs - frame.zeroWallMs;
}

/** An instant of a program that may run under another kernel: its monotonic clock counts only where it is ours. */
export function atForeign(frame: Frame, stamp: { wallMs: number; monoMs: number }): number {
  const ours = frame.zeroWallMs - frame.zeroMonoMs;
  const theirs = stamp.wallMs - stamp.monoMs;
  return Math.abs(ours - theirs) <= SAME_CLOCK_MS ? atMono(frame, stamp.monoMs) : atWall(frame, stamp.wallMs);
}
