import { InTurn } from '../../harness/core/in-turn.ts';

interface Begun<M> {
  readonly machine: M;
  /** Every attempt that asked for it; each gets the same answer again. */
  readonly attempts: Set<string>;
  finished: boolean;
}

/**
 * Replaces machines, each once. A replacement that did not boot is booted again by the next attempt: the old machine is
 * gone by then, and a third one would be one too many.
 */
export class Replacements<M> {
  readonly #begin: (node: string) => Promise<M>;
  readonly #finish: (machine: M) => Promise<void>;
  readonly #begun = new Map<string, Begun<M>>();
  readonly #turns = new Map<string, InTurn>();

  /**
   * @param begin retires the old machine and returns a new one that is switched off; throws where there is no old one
   * @param finish brings the new one up; safe to repeat
   */
  constructor(begin: (node: string) => Promise<M>, finish: (machine: M) => Promise<void>) {
    this.#begin = begin;
    this.#finish = finish;
  }

  /** @param attempt name of this attempt; the same again gives the same answer and acts once */
  replace(node: string, attempt?: string): Promise<M> {
    const turns = this.#turns.get(node) ?? new InTurn();
    this.#turns.set(node, turns);
    return turns.do(() => this.#replace(node, attempt));
  }

  async #replace(node: string, attempt?: string): Promise<M> {
    let begun = this.#begun.get(node);
    if (begun?.finished === true && attempt !== undefined && begun.attempts.has(attempt))
      return begun.machine;
    if (begun === undefined || begun.finished) {
      begun = { machine: await this.#begin(node), attempts: new Set(), finished: false };
      this.#begun.set(node, begun);
    }
    if (attempt !== undefined) begun.attempts.add(attempt);
    await this.#finish(begun.machine);
    begun.finished = true;
    return begun.machine;
  }
}
