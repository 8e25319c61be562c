import { formatDuration } from '../core/duration.ts';
import type { InjectionFacts } from '../core/recovery/trial-facts.ts';

/** Users who come back this little before the end of a fault was journalled came back with it. */
const TOLD_LATE_MS = 100;

/**
 * Whether users came back only when the fault itself was gone: `undone` when the trial took back a fault that lasts,
 * which heals nobody; `ended` when a timed fault came to its own end; undefined when they were back before.
 */
export function endOfFault(
  { fault, effective, reverted }: InjectionFacts,
  restoredWithinMs: number,
  originMonoMs = effective?.effectiveMonoMs ?? 0,
): 'undone' | 'ended' | undefined {
  if (reverted === undefined || effective === undefined) return undefined;
  if (originMonoMs + restoredWithinMs < reverted.monoMs - TOLD_LATE_MS) return undefined;
  return fault.durationMs !== undefined && reverted.by === 'expiry' ? 'ended' : 'undone';
}

export function saysEnd({ fault, effective, reverted }: InjectionFacts, end: 'undone' | 'ended'): string {
  const sinceMs = (reverted?.monoMs ?? 0) - (effective?.effectiveMonoMs ?? 0);
  return end === 'ended'
    ? `users came back when the fault itself had ended, after ${formatDuration(sinceMs)}`
    : `but ${fault.kind} was undone by the ${reverted?.by} after ${formatDuration(sinceMs)}, and nobody was seen to recover before`;
}
