import type { Clock } from '../core/clock.ts';
import type { Append } from './observer.ts';

/**
 * Tells of the time in which an observer saw nothing: at once when it begins, so that one that is lost for good has said
 * so, and again, with its end, when that has come.
 */
export class Sight {
  readonly #append: Append;
  readonly #clock: Clock;
  readonly #observer: string;
  #seenMonoMs: number;
  #blind: { readonly fromMonoMs: number; readonly reason: string } | undefined;

  constructor(append: Append, clock: Clock, observer: string) {
    this.#append = append;
    this.#clock = clock;
    this.#observer = observer;
    this.#seenMonoMs = clock.now().monoMs;
  }

  /** It sees, and where it was not blind has seen everything until now. */
  seen(): void {
    this.#seenMonoMs = this.#clock.now().monoMs;
    if (this.#blind !== undefined) this.#tell({ ...this.#blind, toMonoMs: this.#seenMonoMs });
    this.#blind = undefined;
  }

  /** It is blind since `fromMonoMs`; where that is not given, since it last saw. */
  lose(reason: string, fromMonoMs = this.#seenMonoMs): void {
    if (this.#blind !== undefined) return;
    this.#blind = { fromMonoMs, reason };
    this.#tell(this.#blind);
  }

  #tell(gap: { readonly fromMonoMs: number; readonly toMonoMs?: number; readonly reason: string }): void {
    this.#append({ kind: 'observer', observer: this.#observer, state: 'gap', ...gap });
  }
}
