import type { Undo } from '../core/fault.ts';
import { messageOf } from '../core/errors.ts';

/** Where undos are kept for the case that this process dies before it runs them: the claim on the cluster. */
export interface UndoSafe {
  registerUndo(injectionId: string, undo: Undo): Promise<void>;
  forgetUndo(injectionId: string): Promise<void>;
}

export interface UndoResult {
  readonly injectionId: string;
  readonly ok: boolean;
  /** What was seen afterwards, or why it failed. */
  readonly observation: string;
}

interface Pending {
  readonly injectionId: string;
  readonly undo: Undo;
  running?: Promise<UndoResult>;
}

/**
 * The undos of one trial, newest first. An undo goes on the stack, and into the safe, before its effect is made.
 * It leaves both only after it has succeeded, so a failed one can be tried again, by us or by the supervisor.
 */
export class UndoStack {
  private readonly pending: Pending[] = [];
  private readonly safe: UndoSafe;
  private readonly execute: (undo: Undo, signal: AbortSignal) => Promise<string>;
  private readonly deadlineMs: number;

  /**
   * @param execute carries out one undo and returns what it saw afterwards
   * @param deadlineMs what each undo gets, counted from its own start
   */
  constructor(
    safe: UndoSafe,
    execute: (undo: Undo, signal: AbortSignal) => Promise<string>,
    deadlineMs: number,
  ) {
    this.safe = safe;
    this.execute = execute;
    this.deadlineMs = deadlineMs;
  }

  get size(): number {
    return this.pending.length;
  }

  async push(injectionId: string, undo: Undo): Promise<void> {
    this.pending.push({ injectionId, undo });
    await this.safe.registerUndo(injectionId, undo);
  }

  /** Undoes one injection now; undefined where it is undone already. Two callers at once share one execution. */
  async revert(injectionId: string): Promise<UndoResult | undefined> {
    const entry = this.pending.find((candidate) => candidate.injectionId === injectionId);
    if (entry === undefined) return undefined;
    entry.running ??= this.run(entry).finally(() => delete entry.running);
    return entry.running;
  }

  /** Undoes everything, newest first; one that fails does not keep the others from being tried. */
  async revertAll(): Promise<readonly UndoResult[]> {
    const results: UndoResult[] = [];
    for (const entry of [...this.pending].reverse()) {
      const result = await this.revert(entry.injectionId);
      if (result !== undefined) results.push(result);
    }
    return results;
  }

  private async run(entry: Pending): Promise<UndoResult> {
    const { injectionId, undo } = entry;
    try {
      const observation = await withDeadline(this.deadlineMs, (signal) => this.execute(undo, signal));
      await this.safe.forgetUndo(injectionId);
      this.pending.splice(this.pending.indexOf(entry), 1);
      return { injectionId, ok: true, observation };
    } catch (error) {
      return { injectionId, ok: false, observation: `${undo.verb} failed: ${messageOf(error)}` };
    }
  }
}

/** Runs `work` with a signal that aborts after `deadlineMs`, and rejects then even where the work does not listen. */
async function withDeadline<T>(deadlineMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`not done within ${deadlineMs} ms`);
      abort.abort(error);
      reject(error);
    }, deadlineMs);
  });
  try {
    return await Promise.race([work(abort.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
