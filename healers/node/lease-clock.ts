import type { Clock } from '../../harness/core/clock.ts';
import type { LeaseObject } from '../cluster/objects.ts';

/**
 * How long ago each node's lease was seen to be renewed, by our own clock: the times inside a lease come from other
 * machines' clocks. A lease counts as renewed when its renewal time differs from the one seen before. One without a time or
 * without a duration tells nothing of its node, as if there were none.
 */
export class LeaseClock {
  readonly #clock: Clock;
  readonly #seen = new Map<
    string,
    {
      readonly renewTime: string;
      readonly durationMs: number;
      readonly seenAtMs: number;
      readonly renewed: boolean;
    }
  >();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns whether the lease was renewed since it was last seen. */
  see(node: string, spec: LeaseObject['spec']): boolean {
    const { renewTime = '', leaseDurationSeconds = 0 } = spec ?? {};
    if (renewTime === '' || !(leaseDurationSeconds > 0)) {
      this.#seen.delete(node);
      return false;
    }
    const before = this.#seen.get(node);
    if (before?.renewTime === renewTime) return false;
    const durationMs = leaseDurationSeconds * 1000;
    const { monoMs } = this.#clock.now();
    this.#seen.set(node, { renewTime, durationMs, seenAtMs: monoMs, renewed: before !== undefined });
    return true;
  }

  /** Whether this process has seen the lease being renewed: before, its age is only that of our own look. */
  wasRenewed(node: string): boolean {
    return this.#seen.get(node)?.renewed ?? false;
  }

  forget(node: string): void {
    this.#seen.delete(node);
  }

  durationMs(node: string): number | undefined {
    return this.#seen.get(node)?.durationMs;
  }

  ageMs(node: string): number | undefined {
    const seen = this.#seen.get(node);
    return seen === undefined ? undefined : this.#clock.now().monoMs - seen.seenAtMs;
  }
}
