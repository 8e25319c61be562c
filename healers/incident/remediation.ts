import type { Clock } from '../../harness/core/clock.ts';
import type { FenceView, PodFacts } from '../node/facts.ts';

/** Where to look for what became of deleted pods. */
export interface MovedPods {
  readonly owners: ReadonlySet<string>;
  readonly namespaces: readonly string[];
  readonly sinceMs: number;
}

interface Memory {
  attempt: string;
  provedAtMs: number | undefined;
  fenceRetryAtMs: number;
  replaceRetryAtMs: number;
  readonly refusedEvictions: Map<string, string>;
  readonly movedOwners: Set<string>;
  readonly movedNamespaces: Set<string>;
  movedAtMs: number;
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

  /** Notes that pods of the node were deleted for good. */
  moved(uid: string, attempt: string, pods: readonly PodFacts[]): void {
    const memory = this.#of(uid, attempt);
    memory.movedAtMs = this.#clock.now().monoMs;
    for (const { owner, namespace } of pods) {
      if (owner === undefined) continue;
      memory.movedOwners.add(owner);
      memory.movedNamespaces.add(namespace);
    }
  }

  /** Whose pods were deleted here, and where they are to be looked for; undefined when there were none with an owner. */
  movedPods(uid: string): MovedPods | undefined {
    const memory = this.#memories.get(uid);
    if (memory === undefined || memory.movedOwners.size === 0) return undefined;
    const sinceMs = this.#clock.now().monoMs - memory.movedAtMs;
    return { owners: memory.movedOwners, namespaces: [...memory.movedNamespaces], sinceMs };
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
      movedOwners: new Set<string>(),
      movedNamespaces: new Set<string>(),
      movedAtMs: 0,
    };
    this.#memories.set(uid, fresh);
    return fresh;
  }
}
