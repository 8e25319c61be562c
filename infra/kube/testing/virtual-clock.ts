import { setImmediate } from 'node:timers/promises';
import type { Clock, Instant } from '../../../harness/core/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Time that passes only when a test says so: hours in milliseconds, in the same order each time. */
export class VirtualTime {
  nowMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** Calls `wake` at an instant; returns how to call it off. */
  at(atMs: number, wake: () => void): () => void {
    const sleeper = { atMs: Math.max(atMs, this.nowMs), wake };
    this.#sleepers.add(sleeper);
    return () => this.#sleepers.delete(sleeper);
  }

  /** Lets time pass, from one wake-up to the next; `afterEach` sees the world when everything that one caused is done. */
  async pass(durationMs: number, afterEach: () => void = () => undefined): Promise<void> {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      // Every promise that can go on now does so before the clock moves.
      await setImmediate();
      afterEach();
      const next = this.#earliest();
      if (next === undefined || next.atMs > endMs) break;
      this.#sleepers.delete(next);
      this.nowMs = next.atMs;
      next.wake();
    }
    this.nowMs = endMs;
  }

  #earliest(): Sleeper | undefined {
    let earliest: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (earliest === undefined || sleeper.atMs < earliest.atMs) earliest = sleeper;
    }
    return earliest;
  }
}

/** A process's own clocks: they start anywhere, run a little too fast or slow, and its timers wait while it is paused. */
export class VirtualClock implements Clock {
  readonly #time: VirtualTime;
  readonly #rate: number;
  readonly #monoOffsetMs: number;
  readonly #wallOffsetMs: number;
  pausedUntilMs = 0;

  constructor(time: VirtualTime, view: { rate?: number; monoOffsetMs?: number; wallOffsetMs?: number } = {}) {
    this.#time = time;
    this.#rate = view.rate ?? 1;
    this.#monoOffsetMs = view.monoOffsetMs ?? 0;
    this.#wallOffsetMs = view.wallOffsetMs ?? 0;
  }

  get isPaused(): boolean {
    return this.#time.nowMs < this.pausedUntilMs;
  }

  now(): Instant {
    const ownMs = this.#time.nowMs * this.#rate;
    return { monoMs: ownMs + this.#monoOffsetMs, wallMs: ownMs + this.#wallOffsetMs };
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    let callOff = () => undefined as unknown;
    const wake = (): void => {
      if (this.isPaused) callOff = this.#time.at(this.pausedUntilMs, wake);
      else resolve(undefined);
    };
    // As Node's timers do: what is left of a wait by rounding would not move this time at all, and be waited for without end.
    callOff = this.#time.at(this.#time.nowMs + Math.max(1, durationMs / this.#rate), wake);
    const abort = () => {
      callOff();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}

/** A small seeded generator of numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
