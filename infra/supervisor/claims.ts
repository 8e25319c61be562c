import { randomUUID } from 'node:crypto';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/fault.ts';
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
  readonly runUndo: (undo: Undo) => Promise<void>;
  /** Told what was undone for a holder that went away, and what could not be. */
  readonly onLapse: (claim: { id: string; session: string }, failures: readonly string[]) => void;
}

/** Who holds the cluster, and what has to be undone for a holder that dies. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #held = new Map<string, HeldClaim>();

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /**
   * @throws FiredrillError `claim.taken` when another session holds the cluster
   */
  take(request: ClaimRequest): string {
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

  list(): { id: string; session: string; undos: number }[] {
    return [...this.#held.values()].map(({ id, request, undos }) => ({
      id,
      session: request.session,
      undos: undos.size,
    }));
  }

  /** Ends a claim: what is left to undo is undone, newest first. A claim that is gone already is no error. */
  async release(id: string): Promise<void> {
    const claim = this.#held.get(id);
    if (claim === undefined) return;
    claim.releasing ??= this.#undoAll(claim);
    await claim.releasing;
  }

  async #undoAll(claim: HeldClaim): Promise<void> {
    const failures: string[] = [];
    for (const [injectionId, undo] of [...claim.undos].reverse()) {
      try {
        await this.#options.runUndo(undo);
        claim.undos.delete(injectionId);
      } catch (error) {
        failures.push(`${injectionId} (${undo.verb}): ${messageOf(error)}`);
      }
    }
    this.#held.delete(claim.id);
    this.#options.onLapse({ id: claim.id, session: claim.request.session }, failures);
  }

  /** Releases every claim whose holder was silent for longer than it promised. */
  async releaseLapsed(): Promise<void> {
    const nowMs = this.#options.monoMs();
    const lapsed = [...this.#held.values()].filter(
      (claim) => nowMs - claim.lastBeatMonoMs > claim.request.timeToLiveMs,
    );
    for (const claim of lapsed) await this.release(claim.id);
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
