import type { Clock } from '../../harness/core/clock.ts';
import type { FenceView } from './facts.ts';

interface Memory {
  attempt: string;
  provedAtMs: number | undefined;
  fenceRetryAtMs: number;
  replaceRetryAtMs: number;
  readonly refusedEvictions: Map<string, string>;
}

/**
 * What only this process knows about the treatments under way: its own proofs and back-offs, by node UID. Losing it
 * costs a repeated idempotent call, never a wrong one.
 */
export class Treatments {
  readonly #clock: Clock;
  readonly #memories = new Map<string, Memory>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  fenced(uid: string, attempt: string): void {
    this.#of(uid, attempt).provedAtMs = this.#clock.now().monoMs;
  }

  fenceRetry(uid: string, attempt: string, delayMs: number): void {
    this.#of(uid, attempt).fenceRetryAtMs = this.#clock.now().monoMs + delayMs;
  }

  replaceRetry(uid: string, attempt: string, delayMs: number): void {
    this.#of(uid, attempt).replaceRetryAtMs = this.#clock.now().monoMs + delayMs;
  }

  evicted(uid: string, podUid: string, refusal: string | undefined): void {
    const memory = this.#of(uid, this.#memories.get(uid)?.attempt ?? '');
    if (refusal === undefined) memory.refusedEvictions.delete(podUid);
    else memory.refusedEvictions.set(podUid, refusal);
  }

  refusal(uid: string, podUid: string): string | undefined {
    return this.#memories.get(uid)?.refusedEvictions.get(podUid);
  }

  fenceView(uid: string): FenceView | undefined {
    const memory = this.#memories.get(uid);
    if (memory === undefined) return undefined;
    const nowMs = this.#clock.now().monoMs;
    return {
      attempt: memory.attempt,
      retryInMs: Math.max(0, memory.fenceRetryAtMs - nowMs),
      ...(memory.provedAtMs === undefined ? {} : { provedAgoMs: nowMs - memory.provedAtMs }),
    };
  }

  replaceRetryInMs(uid: string): number {
    const memory = this.#memories.get(uid);
    return memory === undefined ? 0 : Math.max(0, memory.replaceRetryAtMs - this.#clock.now().monoMs);
  }

  forget(uid: string): void {
    this.#memories.delete(uid);
  }

  #of(uid: string, attempt: string): Memory {
    const known = this.#memories.get(uid);
    if (known?.attempt === attempt) return known;
    const fresh = {
      attempt,
      provedAtMs: undefined,
      fenceRetryAtMs: 0,
      replaceRetryAtMs: 0,
      refusedEvictions: known?.refusedEvictions ?? new Map<string, string>(),
    };
    this.#memories.set(uid, fresh);
    return fresh;
  }
}
