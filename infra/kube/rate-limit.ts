import type { Clock } from '../../harness/core/clock.ts';

/** Lets `perSecond` calls pass per second on average and `burst` at once; later ones wait in order. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  /** The instant at which the bucket would be full if nobody took any more. */
  #fullAtMonoMs = -Infinity;

  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
  }

  /** Resolves when the caller may go on. A caller that gives up has still used its turn. */
  async take(signal?: AbortSignal): Promise<void> {
    const nowMonoMs = this.#clock.now().monoMs;
    const costMs = 1000 / this.#perSecond;
    this.#fullAtMonoMs = Math.max(this.#fullAtMonoMs, nowMonoMs) + costMs;
    const waitMs = this.#fullAtMonoMs - nowMonoMs - this.#burst * costMs;
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }
}
