import { randomUUID } from 'node:crypto';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/faults/fault.ts';
import type { ClaimHolder, UndoneEffect } from '../cluster.ts';
import type { ClaimRequest } from './protocol.ts';

interface HeldClaim {
  readonly id: string;
  readonly request: ClaimRequest;
  readonly undos: Map<string, Undo>;
  lastBeatMonoMs: number;
  /** While its undos run the claim still keeps others out, but its holder cannot come back. */
  releasing?: Promise<void>;
}

export interface ClaimsOptions {
  readonly monoMs: () => number;
  readonly wallMs: () => number;
  /** Throws where nobody may hold the cluster now. */
  readonly admit: () => void;
  readonly runUndo: (undo: Undo) => Promise<void>;
  /** Told of each undo that was carried out, or tried, for a holder that did not do it itself. */
  readonly onUndone: (effect: UndoneEffect, undo: Undo) => void;
  readonly onEnd: (session: string) => void;
}

/** Who holds the cluster, and what has to be undone for a holder that dies. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #held = new Map<string, HeldClaim>();

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /**
   * @throws FiredrillError `claim.taken` when another session holds the cluster, `cluster.quarantined`
   */
  take(request: ClaimRequest): string {
    this.#options.admit();
    for (const other of this.#held.values()) {
      if (other.request.session !== request.session) {
        throw new FiredrillError(
          'claim.taken',
          `the cluster is in use by session ${other.request.session} (pid ${other.request.pid})`,
          { userError: true, hint: 'wait for it to end, or use another cluster' },
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

  list(): ClaimHolder[] {
    return [...this.#held.values()].map(({ id, request, undos }) => ({
      id,
      session: request.session,
      pid: request.pid,
      undos: undos.size,
    }));
  }

  /** Ends a claim: what is left to undo is undone, newest first. A claim that is gone already is no error. */
  async release(id: string, why: 'released' | 'lapsed' = 'released'): Promise<void> {
    const claim = this.#held.get(id);
    if (claim === undefined) return;
    claim.releasing ??= this.#undoAll(claim, why);
    await claim.releasing;
  }

  async #undoAll(claim: HeldClaim, why: 'released' | 'lapsed'): Promise<void> {
    const { wallMs, runUndo, onUndone, onEnd } = this.#options;
    const { session, pid } = claim.request;
    for (const [injectionId, undo] of [...claim.undos].reverse()) {
      const { verb } = undo;
      const effect = { session, pid, injectionId, verb, node: String(undo.args['node']), why };
      try {
        await runUndo(undo);
        claim.undos.delete(injectionId);
        onUndone({ wallMs: wallMs(), ...effect, ok: true }, undo);
      } catch (error) {
        onUndone({ wallMs: wallMs(), ...effect, ok: false, error: messageOf(error) }, undo);
      }
    }
    this.#held.delete(claim.id);
    onEnd(session);
  }

  /** Releases every claim whose holder was silent for longer than it promised. */
  async releaseLapsed(): Promise<void> {
    const nowMs = this.#options.monoMs();
    const lapsed = [...this.#held.values()].filter(
      (claim) => nowMs - claim.lastBeatMonoMs > claim.request.timeToLiveMs,
    );
    for (const claim of lapsed) await this.release(claim.id, 'lapsed');
  }

  #get(id: string): HeldClaim {
    const claim = this.#held.get(id);
    if (claim === undefined || claim.releasing !== undefined) {
      throw new FiredrillError('claim.unknown', `claim ${id} is not held: it lapsed or was released`, {
        hint: 'the holder was silent for too long; what it had injected was reverted',
      });
    }
    return claim;
  }
}
