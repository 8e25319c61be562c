import { randomUUID } from 'node:crypto';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/faults/fault.ts';
import type { Holder, UndoneEffect } from '../cluster.ts';
import { nameTouchedBy } from '../undo/object-undo.ts';
import type { HoldRequest } from './protocol.ts';

interface KeptHold {
  readonly id: string;
  readonly request: HoldRequest;
  readonly undos: Map<string, Undo>;
  lastBeatMonoMs: number;
  /** While its undos run the hold still keeps others out, but its holder cannot come back. */
  releasing?: Promise<void>;
}

interface HoldsOptions {
  readonly monoMs: () => number;
  readonly wallMs: () => number;
  /** Throws where nobody may hold the cluster now. */
  readonly admit: () => void;
  readonly runUndo: (undo: Undo) => Promise<void>;
  /** Hears of each undo that was carried out, or tried, for a holder that did not do it itself. */
  readonly onUndone: (effect: UndoneEffect, undo: Undo) => void;
  readonly onEnd: (session: string) => void;
}

/** Who holds the cluster, and what has to be undone for a holder that dies. */
export class Holds {
  readonly #options: HoldsOptions;
  readonly #held = new Map<string, KeptHold>();

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  /**
   * @throws FiredrillError `hold.taken` when another session holds the cluster, `cluster.quarantined`
   */
  take(request: HoldRequest): string {
    this.#options.admit();
    for (const other of this.#held.values()) {
      if (other.request.session !== request.session) {
        throw new FiredrillError(
          'hold.taken',
          `the cluster is in use by session ${other.request.session} (pid ${other.request.pid})`,
          { hint: 'wait for it to end, or use another cluster' },
        );
      }
    }
    const id = randomUUID();
    this.#held.set(id, { id, request, undos: new Map(), lastBeatMonoMs: this.#options.monoMs() });
    return id;
  }

  beat(id: string): void {
    this.#get(id).lastBeatMonoMs = this.#options.monoMs();
  }

  register(id: string, injectionId: string, undo: Undo): void {
    this.#get(id).undos.set(injectionId, undo);
  }

  forget(id: string, injectionId: string): void {
    this.#get(id).undos.delete(injectionId);
  }

  list(): Holder[] {
    return [...this.#held.values()].map(({ id, request, undos }) => ({
      id,
      session: request.session,
      pid: request.pid,
      undos: undos.size,
    }));
  }

  /** Ends a hold: what is left to undo is undone, newest first. A hold that is gone already is no error. */
  async release(id: string, why: 'released' | 'lapsed' = 'released'): Promise<void> {
    const hold = this.#held.get(id);
    if (hold === undefined) return;
    hold.releasing ??= this.#undoAll(hold, why);
    await hold.releasing;
  }

  async #undoAll(hold: KeptHold, why: 'released' | 'lapsed'): Promise<void> {
    const { wallMs, runUndo, onUndone, onEnd } = this.#options;
    const { session, pid } = hold.request;
    for (const [injectionId, undo] of [...hold.undos].reverse()) {
      const { verb } = undo;
      const effect = { session, pid, injectionId, verb, node: nameTouchedBy(undo), why };
      try {
        await runUndo(undo);
        hold.undos.delete(injectionId);
        onUndone({ wallMs: wallMs(), ...effect, ok: true }, undo);
      } catch (error) {
        onUndone({ wallMs: wallMs(), ...effect, ok: false, error: messageOf(error) }, undo);
      }
    }
    this.#held.delete(hold.id);
    onEnd(session);
  }

  /** Releases every hold whose holder was silent for longer than it promised. */
  async releaseLapsed(): Promise<void> {
    const nowMs = this.#options.monoMs();
    const lapsed = [...this.#held.values()].filter(
      (hold) => nowMs - hold.lastBeatMonoMs > hold.request.timeToLiveMs,
    );
    for (const hold of lapsed) await this.release(hold.id, 'lapsed');
  }

  #get(id: string): KeptHold {
    const hold = this.#held.get(id);
    if (hold === undefined || hold.releasing !== undefined) {
      throw new FiredrillError('hold.unknown', `hold ${id} is not held: it lapsed or was released`, {
        hint: 'the holder was silent for too long; what it had injected was reverted',
      });
    }
    return hold;
  }
}
