import { formatDuration } from '../core/duration.ts';

/** The reason of a signal that aborts because a trial's own time is over. */
export class DeadlineError extends Error {
  constructor(deadlineMs: number) {
    super(`the trial's deadline of ${formatDuration(deadlineMs)} is over`);
    this.name = 'DeadlineError';
  }
}

/** A signal that aborts with a DeadlineError after `deadlineMs`, or with the outer signal; dispose it when done. */
export function withTrialDeadline(
  deadlineMs: number,
  outer: AbortSignal,
): { readonly signal: AbortSignal } & Disposable {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new DeadlineError(deadlineMs)), deadlineMs);
  return {
    signal: AbortSignal.any([abort.signal, outer]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
