import type { EntryBody } from '../core/journal/journal.ts';

/** Something that writes what it sees to the journal until it is stopped. */
export interface Observer {
  /** Resolves when the last of what was seen is written; never rejects because the watched thing is gone. */
  stop(): Promise<void>;
}

export type Append = (body: EntryBody) => void;

/** Resolves once it is watching. Rejects only where it cannot begin; later outages are entries of the journal. */
export type StartObserver = (append: Append, signal: AbortSignal) => Promise<Observer>;

/** A background task that ends when asked to, or with the trial. */
export function runUntilStopped(
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<void>,
): { readonly done: Promise<void>; stop(): Promise<void> } {
  const own = new AbortController();
  // A task that fails in one part takes its other parts with it.
  const done = task(AbortSignal.any([signal, own.signal])).finally(() =>
    own.abort(new Error('the observer ended')),
  );
  // Whoever stops it learns of a failure; until then it must not bring the process down.
  done.catch(() => undefined);
  return {
    done,
    stop: async () => {
      own.abort(new Error('the observer was stopped'));
      await done;
    },
  };
}

/** Journals that an observer begins, runs its task until it is stopped, and journals its end. */
export function watchUntilStopped(
  observer: string,
  append: Append,
  signal: AbortSignal,
  task: (running: AbortSignal) => Promise<void>,
  beforeStop?: (done: Promise<void>) => Promise<void>,
): Observer {
  append({ kind: 'observer', observer, state: 'started' });
  const running = runUntilStopped(signal, task);
  return {
    stop: async () => {
      await beforeStop?.(running.done);
      await running.stop();
      append({ kind: 'observer', observer, state: 'stopped' });
    },
  };
}

/** The state of a signal that may change during an await, which a plain property read hides from the type checker. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
