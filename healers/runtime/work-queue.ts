import type { Clock } from '../../harness/core/clock.ts';

/** What a queue needs to wake up later; `setTimeout` in production, a stepped clock in tests. */
export interface Timers {
  /** Calls back after `delayMs`; the result cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemTimers: Timers = {
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Names of things to look at. A name is handed out at most once at a time; one that is added while it is being worked on
 * comes again afterwards; the earliest of several due times wins.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #onReady: () => void;
  /** In the order in which they were added. */
  readonly #ready = new Set<string>();
  readonly #waiting = new Map<string, { readonly dueMonoMs: number; readonly cancel: () => void }>();
  readonly #working = new Set<string>();
  readonly #again = new Set<string>();

  constructor(clock: Clock, timers: Timers, onReady: () => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#onReady = onReady;
  }

  /** Names that are due now. */
  get depth(): number {
    return this.#ready.size;
  }

  add(name: string): void {
    this.#unschedule(name);
    if (this.#working.has(name)) {
      this.#again.add(name);
      return;
    }
    if (this.#ready.has(name)) return;
    this.#ready.add(name);
    this.#onReady();
  }

  /** Adds the name after exactly `delayMs`, unless it comes earlier for another reason. */
  addAfter(name: string, delayMs: number): void {
    if (delayMs <= 0) {
      this.add(name);
      return;
    }
    const dueMonoMs = this.#clock.now().monoMs + delayMs;
    const planned = this.#waiting.get(name);
    if (planned !== undefined && planned.dueMonoMs <= dueMonoMs) return;
    this.#unschedule(name);
    const cancel = this.#timers.after(delayMs, () => {
      this.#waiting.delete(name);
      this.add(name);
    });
    this.#waiting.set(name, { dueMonoMs, cancel });
  }

  /** The next name, which is then being worked on until `done`. */
  take(): string | undefined {
    const [name] = this.#ready;
    if (name === undefined) return undefined;
    this.#ready.delete(name);
    this.#working.add(name);
    return name;
  }

  done(name: string): void {
    this.#working.delete(name);
    if (this.#again.delete(name)) this.add(name);
  }

  /** Drops everything that waits; names being worked on finish. */
  clear(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    this.#ready.clear();
    this.#again.clear();
  }

  #unschedule(name: string): void {
    this.#waiting.get(name)?.cancel();
    this.#waiting.delete(name);
  }
}
