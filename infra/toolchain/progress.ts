import type { GoBuild } from './component.ts';

/** What is being done for a bundle. */
export type Phase = 'waiting' | 'probing' | 'downloading' | 'building' | 'verifying' | 'ready';

/** One step forward of one bundle. */
export interface ToolProgress {
  readonly bundle: string;
  readonly tools: readonly string[];
  readonly phase: Phase;
  /** One line for a person: what is happening and why. */
  readonly message: string;
  readonly elapsedMs: number;
  /** 0 to 1, where it can be told. */
  readonly fraction?: number;
  /** An estimate of the milliseconds left, where it can be told. */
  readonly remainingMs?: number;
}

export type OnProgress = (progress: ToolProgress) => void;

/** One line for a person: for which bundle, what is done, and how long it may take yet. */
export function activityOf({ bundle, message, remainingMs }: ToolProgress): string {
  const left = remainingMs === undefined ? '' : `, about ${roughly(remainingMs)} left`;
  return `${bundle}: ${message}${left}`;
}

/** A time as coarse as an estimate is. */
function roughly(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 90 ? `${Math.max(10, Math.ceil(seconds / 10) * 10)} s` : `${Math.round(seconds / 60)} min`;
}

/** The share of a build's time that has passed when so many packages have been named: 0 to 0.99, since linking comes last. */
export function timeShare(
  { packageCount, milestones = [] }: Pick<GoBuild, 'packageCount' | 'milestones'>,
  packages: number,
): number {
  let [fromPackages, fromShare] = [0, 0];
  for (const [toPackages, toShare] of [...milestones, [packageCount, 1] as const]) {
    if (packages < toPackages) {
      const step = (packages - fromPackages) / (toPackages - fromPackages);
      return Math.min(0.99, fromShare + (toShare - fromShare) * step);
    }
    [fromPackages, fromShare] = [toPackages, toShare];
  }
  return 0.99;
}

/**
 * The time left, from a figure known beforehand and what was seen so far.
 *
 * Early on the known figure rules; the further the work has come, the more its own speed does.
 *
 * @returns Milliseconds, never negative
 */
export function estimateRemainingMs(expectedMs: number, elapsedMs: number, fraction: number): number {
  const left = 1 - Math.min(1, Math.max(0, fraction));
  // Each of the two (expected * left, elapsed / done * left) weighted by how much it can be trusted: left, and done.
  return Math.round(expectedMs * left * left + elapsedMs * left);
}
