import { once } from 'node:events';
import type { Clock } from '../../harness/core/clock.ts';
import { systemTimers, WorkQueue, type Timers } from './work-queue.ts';

/** Looks at one thing by name and returns the exact wait in milliseconds until it has to be looked at again. */
type Reconcile = (name: string, signal: AbortSignal) => Promise<{ readonly afterMs?: number }>;

interface ReconcileLoopOptions {
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly timers?: Timers;
  /** Names worked on at the same time. */
  readonly workers: number;
  /** After a failure: doubled each time up to the ceiling, per name. */
  readonly retry?: { readonly firstMs: number; readonly maxMs: number };
  readonly onError: (name: string, error: unknown) => void;
}

/** Answers, timers and probes get their turn after so long: a look at thousands of nodes would hold them all up. */
const TURN_MS = 5;

/** Runs `reconcile` for every name that was added, each name at most once at a time. */
export class ReconcileLoop {
  readonly #options: ReconcileLoopOptions;
  readonly #queue: WorkQueue;
  readonly #failures = new Map<string, number>();
  readonly #running = new Map<Promise<void>, { readonly sinceMonoMs: number }>();
  #lastEndMonoMs: number;
  #signal: AbortSignal | undefined;
  /** Since when names have been handed out without a rest; undefined: none waits. */
  #busySinceMs: number | undefined;
  #isResting = false;

  constructor(options: ReconcileLoopOptions) {
    this.#options = options;
    this.#lastEndMonoMs = options.clock.now().monoMs;
    this.#queue = new WorkQueue(options.clock, options.timers ?? systemTimers, () => this.#pump());
  }

  get depth(): number {
    return this.#queue.depth;
  }

  /** CLOCK_MONOTONIC milliseconds since when nothing moved: the begin of the oldest that runs, else the last end. */
  get progressMonoMs(): number {
    const begun = [...this.#running.values()].map(({ sinceMonoMs }) => sinceMonoMs);
    return begun.length > 0 ? Math.min(...begun) : this.#lastEndMonoMs;
  }

  add(name: string): void {
    this.#queue.add(name);
  }

  /** Works until the signal aborts; resolves when the last reconcile has ended. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#pump();
    if (!signal.aborted) await once(signal, 'abort');
    this.#queue.clear();
    await Promise.all(this.#running.keys());
    this.#queue.clear();
  }

  #pump(): void {
    const signal = this.#signal;
    while (signal !== undefined && !signal.aborted && this.#running.size < this.#options.workers) {
      if (this.#queue.depth === 0) this.#busySinceMs = undefined;
      if (this.#mustRest()) return;
      const name = this.#queue.take();
      if (name === undefined) return;
      const work = this.#work(name, signal).finally(() => {
        this.#running.delete(work);
        this.#lastEndMonoMs = this.#options.clock.now().monoMs;
        this.#queue.done(name);
        this.#pump();
      });
      this.#running.set(work, { sinceMonoMs: this.#options.clock.now().monoMs });
    }
  }

  /** A reconcile that waits for nobody ends before anything else has its turn, and so do thousands of them, one after the other. */
  #mustRest(): boolean {
    const { clock, timers = systemTimers } = this.#options;
    const { monoMs } = clock.now();
    this.#busySinceMs ??= monoMs;
    if (!this.#isResting && monoMs - this.#busySinceMs >= TURN_MS) {
      this.#isResting = true;
      timers.after(0, () => {
        this.#isResting = false;
        this.#busySinceMs = undefined;
        this.#pump();
      });
    }
    return this.#isResting;
  }

  async #work(name: string, signal: AbortSignal): Promise<void> {
    try {
      const { afterMs } = await this.#options.reconcile(name, signal);
      this.#failures.delete(name);
      if (afterMs !== undefined) this.#later(name, afterMs, signal);
    } catch (error) {
      const failures = this.#failures.get(name) ?? 0;
      this.#failures.set(name, failures + 1);
      const { firstMs, maxMs } = this.#options.retry ?? { firstMs: 50, maxMs: 5000 };
      if (!signal.aborted) this.#options.onError(name, error);
      this.#later(name, Math.min(maxMs, firstMs * 2 ** failures), signal);
    }
  }

  #later(name: string, delayMs: number, signal: AbortSignal): void {
    if (!signal.aborted) this.#queue.addAfter(name, delayMs);
  }
}
