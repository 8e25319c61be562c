/** Grows the wait after each failure in a row; jitter keeps many clients from coming back at once. */
export class BackOff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  /** `random` is in [0, 1). */
  constructor(firstMs: number, maxMs: number, random: () => number) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Milliseconds to wait now: between half and all of the doubled wait, but no less than the server asks for. */
  next(retryAfterMs = 0): number {
    // 2 ** 30 is past any ceiling; without the limit the power would overflow to Infinity after a long outage.
    const fullMs = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return Math.max(retryAfterMs, fullMs * (0.5 + this.#random() / 2));
  }

  reset(): void {
    this.#failures = 0;
  }
}
