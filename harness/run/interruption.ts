import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What the death of the terminal would send; the death of whoever started us means the same. */
const PARENT_GONE = 'SIGHUP';

/** Why a command was stopped from outside. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
    this.name = 'Interrupted';
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Turns the first signal into an abort, so that what runs can be ended in order; further ones are told to `again`.
 * Dispose it when there is nothing left to end.
 */
export function listenForInterruption(
  again: (signal: NodeJS.Signals) => void,
): { readonly signal: AbortSignal } & Disposable {
  const abort = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (abort.signal.aborted) again(signal);
    else abort.abort(new Interrupted(signal));
  };
  // The bootstrap holds a channel open for as long as it lives; a `kill -9` takes it away without any signal to us.
  const onParentGone = (): void => onSignal(PARENT_GONE);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('disconnect', onParentGone);
  if ('connected' in process && !process.connected) onParentGone();
  return {
    signal: abort.signal,
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('disconnect', onParentGone);
    },
  };
}
