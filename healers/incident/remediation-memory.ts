import type { Clock } from '../../harness/core/clock.ts';

/** After which time a remediation that gets nowhere is told to people, and keeps nobody waiting. */
export const STUCK_AFTER_MS = 60_000;
const BACK_OFF_AT_MOST_MS = 5000;

/** What was told of a remediation so far, so that each thing is told once. Times are CLOCK_MONOTONIC milliseconds. */
export interface ReportedState {
  readonly suspectedAtMs: number;
  /** What it was last found to be; a subject that wavers between that and suspicion is not found again. */
  detectedAs: string | undefined;
  detectedAtMs: number | undefined;
  actedAtMs: number | undefined;
  /** The last refusal told, so that it is told once and not every second. */
  refusal: string;
  /** Since when nothing could be done about it, for whatever reason; undefined: something was, or nothing has to be. */
  blockedSinceMs: number | undefined;
  paged: boolean;
  /** The guards and rules whose refusal people were told of. */
  readonly pagedFor: Set<string>;
  decided: string;
  /** Our own deletion of the subject was decided. */
  retiring: boolean;
  /** The subject has gone since, before that deletion was told. */
  isGone?: boolean;
  /** Pods that go with it, of which people were told. */
  readonly lost: Set<string>;
  /** The attempt that people were told of. */
  attempt: string | undefined;
}

/** Where to look for what became of deleted pods. */
interface MovedPods {
  readonly owners: ReadonlySet<string>;
  /** Label selectors, by namespace. */
  readonly siblings: ReadonlyMap<string, ReadonlySet<string>>;
  readonly sinceMs: number;
}

/** What this process has tried for one attempt. */
interface Tries {
  readonly attempt: string;
  provedAtMs: number | undefined;
  readonly refusedEvictions: Map<string, string>;
  readonly movedOwners: Set<string>;
  /** Selectors of what took their place, by namespace. */
  readonly movedSiblings: Map<string, Set<string>>;
  movedAtMs: number;
}

/**
 * What one process knows of the remediation of one subject, from the first suspicion to its end: what was told of it, and
 * its own proofs and waits. Losing that costs a repeated idempotent call or a line told twice, never a wrong step.
 */
export class RemediationMemory {
  /** Absent while nothing is wrong with the subject. */
  told: ReportedState | undefined;
  /** By the step that failed. */
  readonly #failed = new Map<
    string,
    { readonly times: number; readonly sinceMs: number; readonly notBeforeMs: number }
  >();
  readonly #clock: Clock;
  #tries: Tries | undefined;
  readonly #leavingSinceMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Notes that a step was not carried out. It is tried again ever later, whatever is seen meanwhile, and not before the
   * answer asks for it; other steps need not wait for it. Returns in how many milliseconds.
   */
  failed(step: string, firstMs: number, askedForMs: number): number {
    const { monoMs } = this.#clock.now();
    const { times = 0, sinceMs = monoMs } = this.#failed.get(step) ?? {};
    const waitMs = Math.max(askedForMs, Math.min(firstMs * 2 ** times, BACK_OFF_AT_MOST_MS));
    this.#failed.set(step, { times: times + 1, sinceMs, notBeforeMs: monoMs + waitMs });
    return waitMs;
  }

  /** Notes that a step was carried out. */
  succeeded(step: string): void {
    this.#failed.delete(step);
  }

  /** Until each step that failed may be tried again. */
  retriesInMs(): Readonly<Record<string, number>> {
    const { monoMs } = this.#clock.now();
    return Object.fromEntries(
      [...this.#failed].map(([step, { notBeforeMs }]) => [step, Math.max(0, notBeforeMs - monoMs)]),
    );
  }

  /** Nothing could be done for so long that others must not wait for it: it was refused, it failed, or nothing could be decided since each look failed. */
  get isStuck(): boolean {
    const sinceMs = Math.min(
      this.told?.blockedSinceMs ?? Infinity,
      this.#failed.get('look')?.sinceMs ?? Infinity,
    );
    return this.#clock.now().monoMs - sinceMs >= STUCK_AFTER_MS;
  }

  /** Notes that the machine is proved to be off, by what was asked for at that moment. */
  fenced(attempt: string, askedAtMs: number): void {
    this.#of(attempt).provedAtMs = askedAtMs;
  }

  /** Notes that the power-off is being asked for. */
  fencing(attempt: string): void {
    this.#of(attempt);
  }

  /** Notes how an eviction ended: with the words of a disruption budget, or well. */
  evicted(podUid: string, refusal: string | undefined): void {
    const { refusedEvictions } = this.#of(this.#tries?.attempt ?? '');
    if (refusal === undefined) refusedEvictions.delete(podUid);
    else refusedEvictions.set(podUid, refusal);
  }

  /** For how long this process has seen a pod leave. */
  leavingForMs(podUid: string): number {
    const { monoMs } = this.#clock.now();
    const sinceMs = this.#leavingSinceMs.get(podUid) ?? monoMs;
    this.#leavingSinceMs.set(podUid, sinceMs);
    return monoMs - sinceMs;
  }

  /** Notes that pods of the subject were deleted for good. */
  moved(
    attempt: string,
    pods: readonly { readonly owner?: string; readonly siblings?: string; readonly namespace: string }[],
  ): void {
    const tries = this.#of(attempt);
    tries.movedAtMs = this.#clock.now().monoMs;
    for (const { owner, siblings, namespace } of pods) {
      if (owner === undefined || siblings === undefined) continue;
      tries.movedOwners.add(owner);
      const there = tries.movedSiblings.get(namespace) ?? new Set();
      tries.movedSiblings.set(namespace, there.add(siblings));
    }
  }

  /** Whose pods were deleted here, and where they are to be looked for; undefined when there were none with an owner. */
  movedPods(): MovedPods | undefined {
    const tries = this.#tries;
    if (tries === undefined || tries.movedOwners.size === 0) return undefined;
    const sinceMs = this.#clock.now().monoMs - tries.movedAtMs;
    return { owners: tries.movedOwners, siblings: tries.movedSiblings, sinceMs };
  }

  refusal(podUid: string): string | undefined {
    return this.#tries?.refusedEvictions.get(podUid);
  }

  /** What this process knows of its own fencing call; undefined before the first. */
  fenceView(): { readonly attempt: string; readonly provedAgoMs?: number } | undefined {
    if (this.#tries === undefined) return undefined;
    const { attempt, provedAtMs } = this.#tries;
    return {
      attempt,
      ...(provedAtMs === undefined ? {} : { provedAgoMs: this.#clock.now().monoMs - provedAtMs }),
    };
  }

  get tried(): boolean {
    return this.#tries !== undefined;
  }

  forgetTries(): void {
    this.#tries = undefined;
    this.#leavingSinceMs.clear();
  }

  #of(attempt: string): Tries {
    if (this.#tries?.attempt !== attempt) {
      this.#tries = {
        attempt,
        provedAtMs: undefined,
        refusedEvictions: this.#tries?.refusedEvictions ?? new Map<string, string>(),
        movedOwners: new Set(),
        movedSiblings: new Map(),
        movedAtMs: 0,
      };
    }
    return this.#tries;
  }
}
