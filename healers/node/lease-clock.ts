import type { Clock } from '../../harness/core/clock.ts';

/**
 * How long ago each node's lease was seen to be renewed, by our own clock: the times inside a lease come from other
 * machines' clocks. A lease counts as renewed when its renewal time differs from the one seen before.
 */
export class LeaseClock {
  readonly #clock: Clock;
  readonly #seen = new Map<
    string,
    { readonly renewTime: string; readonly seenAtMs: number; readonly renewed: boolean }
  >();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns whether the lease was renewed since it was last seen. */
  see(node: string, renewTime: string): boolean {
    const before = this.#seen.get(node);
    if (before?.renewTime === renewTime) return false;
    this.#seen.set(node, { renewTime, seenAtMs: this.#clock.now().monoMs, renewed: before !== undefined });
    return true;
  }

  /** Whether this process has seen the lease being renewed: before, its age is only that of our own look. */
  wasRenewed(node: string): boolean {
    return this.#seen.get(node)?.renewed ?? false;
  }

  forget(node: string): void {
    this.#seen.delete(node);
  }

  ageMs(node: string): number | undefined {
    const seen = this.#seen.get(node);
    return seen === undefined ? undefined : this.#clock.now().monoMs - seen.seenAtMs;
  }
}
