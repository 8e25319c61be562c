import type { Clock, Instant } from '../../../harness/core/clock.ts';
import type { Timers } from '../../runtime/work-queue.ts';

interface Alarm {
  readonly atMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** The number of events at one instant from which on they are no work, but a loop. */
const SPIN_LIMIT = 5000;
const WALL_START_MS = Date.UTC(2026, 0, 1);

/** A clock that jumps from event to event. Alarms of one instant ring in the order in which they were set. */
export class SimClock implements Clock, Timers {
  #nowMs = 0;
  #order = 0;
  readonly #heap: Alarm[] = [];

  now(): Instant {
    return { monoMs: this.#nowMs, wallMs: WALL_START_MS + this.#nowMs };
  }

  after(delayMs: number, callback: () => void): () => void {
    const alarm: Alarm = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    push(this.#heap, alarm);
    return () => {
      alarm.callback = undefined;
    };
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const cancel = this.after(durationMs, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      const stop = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Rings every alarm up to `untilMs`, each with everything that follows from it at once. */
  async runUntil(untilMs: number): Promise<void> {
    let atOnce = 0;
    await new Promise<void>((resolve, reject) => {
      const ringNext = (): void => {
        const next = this.#next(untilMs);
        if (next === undefined) {
          resolve();
          return;
        }
        atOnce = next.atMs > this.#nowMs ? 0 : atOnce + 1;
        this.#nowMs = Math.max(this.#nowMs, next.atMs);
        try {
          if (atOnce > SPIN_LIMIT) throw new Error(`something spins at ${this.#nowMs} ms`);
          next.callback?.();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        afterPromises(ringNext);
      };
      afterPromises(ringNext);
    });
    this.#nowMs = untilMs;
  }

  /** Takes the next alarm that was not cancelled. */
  #next(untilMs: number): Alarm | undefined {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) return undefined;
      pop(this.#heap);
      if (next.callback !== undefined) return next;
    }
  }
}

/** Calls back when every promise that is due has been followed: a tick that one of them asks for comes after all of them. */
function afterPromises(callback: () => void): void {
  queueMicrotask(() => process.nextTick(callback));
}

function before(a: Alarm | undefined, b: Alarm | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function swap(heap: Alarm[], one: number, other: number): void {
  const [a, b] = [heap[one], heap[other]];
  if (a === undefined || b === undefined) return;
  heap[one] = b;
  heap[other] = a;
}

function push(heap: Alarm[], alarm: Alarm): void {
  heap.push(alarm);
  let index = heap.length - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(heap[index], heap[parent])) return;
    swap(heap, index, parent);
    index = parent;
  }
}

function pop(heap: Alarm[]): void {
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return;
  heap[0] = last;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    let least = index;
    if (before(heap[left], heap[least])) least = left;
    if (before(heap[left + 1], heap[least])) least = left + 1;
    if (least === index) return;
    swap(heap, index, least);
    index = least;
  }
}
