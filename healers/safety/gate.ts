import type { Clock } from '../../harness/core/clock.ts';
import { FiredrillError } from '../../harness/core/errors.ts';

/** So many at once, and so many a second in the long run: what a kubelet allows itself (kubeAPIBurst 100, kubeAPIQPS 50 by default). */
export const MOST_DEEDS = { atOnce: 100, perSecond: 50 } as const;

interface GateOptions {
  readonly clock: Clock;
  /** Whether our leadership is proven at this moment. */
  readonly stillLeading: () => boolean;
  /** Why a person wants nothing to be done at this moment. */
  readonly paused: () => string | undefined;
}

/** The one way to whatever changes something, of every path: a call that is under way cannot be called back, so each is asked for immediately before it. */
export class Gate {
  readonly #options: GateOptions;
  /** Until when the deeds of the past take up what is allowed in the long run; CLOCK_MONOTONIC milliseconds. */
  #takenUntilMs = -Infinity;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /**
   * Waits for its turn, and does it.
   *
   * @throws FiredrillError `healer.not-leading` or `healer.paused`, and then nothing was done
   */
  async perform<T>(deed: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { clock, stillLeading, paused } = this.#options;
    const turnInMs = this.#turnInMs();
    if (turnInMs > 0) await clock.sleep(turnInMs, signal);
    if (!stillLeading())
      throw new FiredrillError('healer.not-leading', 'leadership was lost between decision and action');
    const reason = paused();
    if (reason !== undefined) throw new FiredrillError('healer.paused', reason);
    return await deed();
  }

  #turnInMs(): number {
    const { monoMs } = this.#options.clock.now();
    const { atOnce, perSecond } = MOST_DEEDS;
    this.#takenUntilMs = Math.max(this.#takenUntilMs, monoMs) + 1000 / perSecond;
    return Math.max(0, this.#takenUntilMs - monoMs - (atOnce * 1000) / perSecond);
  }
}

/** The same calls, all of which pass the gate but those that are named as reads: a deed that nobody thought of cannot go round it. */
export function gated<T extends object>(calls: T, gate: Gate, reads: readonly (keyof T)[]): T {
  return new Proxy(calls, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== 'function') return call;
      if (reads.includes(name as keyof T)) return call.bind(target) as unknown;
      return (...values: [...unknown[], AbortSignal]): Promise<unknown> =>
        gate.perform(
          async () => (await Reflect.apply(call, target, values)) as unknown,
          values.at(-1) as AbortSignal,
        );
    },
  });
}
