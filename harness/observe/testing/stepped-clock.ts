import type { Clock, Instant } from '../../core/clock.ts';

/** Time that passes only while an observer sleeps, and only when a test says so. */
export class SteppedClock implements Clock {
  #nowMs: number;
  #wake: (() => void) | undefined;
  #slept = Promise.withResolvers<undefined>();

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  now(): Instant {
    return { wallMs: this.#nowMs, monoMs: this.#nowMs };
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#wake = () => {
      this.#nowMs += durationMs;
      resolve(undefined);
    };
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    this.#slept.resolve(undefined);
    return promise;
  }

  /** Lets a sleep pass, and all that is done until the next one begins. */
  async step(): Promise<void> {
    await this.#slept.promise;
    this.#slept = Promise.withResolvers();
    this.#wake?.();
    await this.#slept.promise;
  }
}
