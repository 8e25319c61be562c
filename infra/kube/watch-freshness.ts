import type { Clock } from '../../harness/core/clock.ts';
import type { WatchChange } from './list-watch-options.ts';

type GapChange = Extract<WatchChange<never>, { type: 'gap' }>;

/** How current the copy of a collection is: when that was last known, and since when changes may go unseen. */
export class WatchFreshness {
  readonly #clock: Clock;
  readonly #tell: (change: GapChange) => void;
  #freshMonoMs = -Infinity;
  #frameMonoMs = -Infinity;
  #activeMonoMs = -Infinity;
  #gap: { readonly sinceMonoMs: number; readonly reason: string } | undefined;

  constructor(clock: Clock, tell: (change: GapChange) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The last sign that the copy was current; -Infinity before the first. */
  get freshMonoMs(): number {
    return this.#freshMonoMs;
  }
  /** When the present watch was opened or brought something. */
  get frameMonoMs(): number {
    return this.#frameMonoMs;
  }
  /** When something was last heard or tried. */
  get activeMonoMs(): number {
    return this.#activeMonoMs;
  }
  /** Why changes may go unseen at present; undefined while all is well. */
  get problem(): string | undefined {
    return this.#gap?.reason;
  }

  tried(): void {
    this.#activeMonoMs = this.#clock.now().monoMs;
  }

  /** A complete list has come: the copy is as it was when that was asked for. */
  listed(askedMonoMs: number): void {
    this.#freshMonoMs = askedMonoMs;
    this.closeGap(false);
  }

  watchOpened(): void {
    this.#frameMonoMs = this.#clock.now().monoMs;
  }

  frameCame(): void {
    this.closeGap(true);
    this.#freshMonoMs = this.#frameMonoMs = this.#activeMonoMs = this.#clock.now().monoMs;
  }

  /** What the server ends by itself was delivered up to its end. */
  watchEnded(): void {
    this.#freshMonoMs = this.#clock.now().monoMs;
  }

  probed(askedMonoMs: number): void {
    this.#freshMonoMs = Math.max(this.#freshMonoMs, askedMonoMs);
    this.#activeMonoMs = this.#clock.now().monoMs;
  }

  /** From the last fresh moment on changes may go unseen; where there was none yet, from `startMonoMs` on. */
  openGap(startMonoMs: number, reason: string): void {
    if (this.#gap !== undefined) {
      this.#gap = { ...this.#gap, reason };
      return;
    }
    const sinceMonoMs = Number.isFinite(this.#freshMonoMs) ? this.#freshMonoMs : startMonoMs;
    this.#gap = { sinceMonoMs, reason };
    this.#tell({ type: 'gap', phase: 'open', sinceMonoMs, reason });
  }

  closeGap(lossless: boolean): void {
    const gap = this.#gap;
    if (gap === undefined) return;
    this.#gap = undefined;
    this.#tell({ type: 'gap', phase: 'closed', ...gap, untilMonoMs: this.#clock.now().monoMs, lossless });
  }
}
