import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';

/** Time that passes when a test says so, once so many wait for it. */
export class PacedClock implements Clock {
  nowMs = 10_000;
  readonly #waiting = new Set<() => void>();

  now() {
    return { wallMs: this.nowMs, monoMs: this.nowMs };
  }

  sleep(_durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const wake = (): void => resolve();
      this.#waiting.add(wake);
      signal?.addEventListener('abort', () => {
        this.#waiting.delete(wake);
        reject(signal.reason as Error);
      });
    });
  }

  async settled(sleepers: number): Promise<void> {
    while (this.#waiting.size !== sleepers) await turn();
  }

  /** All that sleep go on after so much time, and `sleepers` do again. */
  async pass(ms: number, sleepers: number): Promise<void> {
    this.nowMs += ms;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    await this.settled(sleepers);
  }
}
