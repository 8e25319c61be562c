import type { Undo } from '../core/faults/fault.ts';
import { messageOf } from '../core/errors.ts';

/** Where undos are kept for the case that this process dies before it runs them: the hold on the cluster. */
interface UndoSafe {
  registerUndo(key: string, undo: Undo): Promise<void>;
  forgetUndo(key: string): Promise<void>;
}

export interface UndoResult {
  readonly injectionId: string;
  readonly ok: boolean;
  /** What was seen afterwards, or why it failed. */
  readonly observation: string;
}

interface Pending {
  readonly injectionId: string;
  /** The name in the safe: one injection may have several undos. */
  readonly key: string;
  readonly undo: Undo;
  running?: Promise<UndoResult>;
}

/**
 * The undos of one trial, newest first. An undo goes on the stack, and to the supervisor, before its effect is made.
 * An undo leaves both only after it has succeeded, so a failed one can be tried again, by us or by the supervisor.
 */
export class UndoStack {
  readonly #pending: Pending[] = [];
  readonly #safe: UndoSafe;
  readonly #execute: (undo: Undo, signal: AbortSignal) => Promise<string>;
  readonly #deadlineMs: number;
  #pushed = 0;

  /**
   * @param execute carries out one undo and returns what it saw afterwards; rejects when the signal aborts
   * @param deadlineMs what each undo gets, counted from its own start
   */
  constructor(
    safe: UndoSafe,
    execute: (undo: Undo, signal: AbortSignal) => Promise<string>,
    deadlineMs: number,
  ) {
    this.#safe = safe;
    this.#execute = execute;
    this.#deadlineMs = deadlineMs;
  }

  get size(): number {
    return this.#pending.length;
  }

  async push(injectionId: string, undo: Undo): Promise<void> {
    const key = `${injectionId}.${this.#pushed++}`;
    this.#pending.push({ injectionId, key, undo });
    await this.#safe.registerUndo(key, undo);
  }

  /** Undoes one injection now, newest effect first; empty where it is undone already. */
  async revert(injectionId: string): Promise<readonly UndoResult[]> {
    return this.#runAll(this.#pending.filter((entry) => entry.injectionId === injectionId));
  }

  /** Undoes everything, newest first; one that fails does not keep the others from being tried. */
  async revertAll(): Promise<readonly UndoResult[]> {
    return this.#runAll([...this.#pending]);
  }

  /** Two callers at once share each execution. */
  async #runAll(entries: readonly Pending[]): Promise<readonly UndoResult[]> {
    const results: UndoResult[] = [];
    for (const entry of entries.toReversed()) {
      entry.running ??= this.#run(entry).finally(() => delete entry.running);
      results.push(await entry.running);
    }
    return results;
  }

  async #run(entry: Pending): Promise<UndoResult> {
    const { injectionId, key, undo } = entry;
    if (!this.#pending.includes(entry)) return { injectionId, ok: true, observation: 'undone before' };
    const signal = AbortSignal.timeout(this.#deadlineMs);
    try {
      const observation = await this.#execute(undo, signal);
      await this.#safe.forgetUndo(key);
      this.#pending.splice(this.#pending.indexOf(entry), 1);
      return { injectionId, ok: true, observation };
    } catch (error) {
      const why = signal.aborted ? `not done within ${this.#deadlineMs} ms` : messageOf(error);
      return { injectionId, ok: false, observation: `${undo.verb} failed: ${why}` };
    }
  }
}
