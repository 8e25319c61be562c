import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/faults/fault.ts';
import { nameTouchedBy } from '../undo/object-undo.ts';

/** An effect that is still there because its undo failed. */
interface LeftEffect {
  readonly session: string;
  readonly pid: number;
  readonly injectionId: string;
  readonly undo: Undo;
  readonly error: string;
}

/** Keeps everybody off a cluster on which an effect could not be undone, until it has been shown to be clean. */
export class Quarantine {
  readonly #path: string;

  /** @param path of the file that is there for as long as the quarantine lasts */
  constructor(path: string) {
    this.#path = path;
  }

  get active(): boolean {
    return existsSync(this.#path);
  }

  left(): readonly LeftEffect[] {
    return this.active ? (JSON.parse(readFileSync(this.#path, 'utf8')) as LeftEffect[]) : [];
  }

  add(effect: LeftEffect): void {
    this.#write([...this.left(), effect]);
  }

  /** @throws FiredrillError `cluster.quarantined` */
  refuseWhileActive(): void {
    if (!this.active) return;
    throw new FiredrillError(
      'cluster.quarantined',
      `the cluster is quarantined: ${this.left().map(describeLeft).join('; ')}`,
      { hint: 'firedrill reap tries to undo it again; firedrill down takes the cluster away' },
    );
  }

  /**
   * Undoes what is left and ends the quarantine where nothing remains.
   * @param residue what can be seen of effects on the machines
   * @returns what keeps it from ending; empty where it has ended
   */
  async lift(
    undo: (effect: LeftEffect) => Promise<void>,
    residue: () => Promise<readonly string[]>,
  ): Promise<readonly string[]> {
    const still: LeftEffect[] = [];
    const known = this.left();
    for (const effect of known) {
      try {
        await undo(effect);
      } catch (error) {
        still.push({ ...effect, error: messageOf(error) });
      }
    }
    const seen = await residue();
    // Another hold may have ended badly meanwhile.
    still.push(...this.left().slice(known.length));
    const reasons = [...still.map(describeLeft), ...seen];
    if (reasons.length === 0) rmSync(this.#path, { force: true });
    else if (this.active) this.#write(still);
    return reasons;
  }

  #write(left: readonly LeftEffect[]): void {
    writeFileSync(this.#path, JSON.stringify(left), { mode: 0o600 });
  }
}

function describeLeft(effect: LeftEffect): string {
  return `${effect.undo.verb} ${nameTouchedBy(effect.undo)} of session ${effect.session} failed: ${effect.error}`;
}
