import { FiredrillError } from '../../harness/core/errors.ts';
import type { Rng } from '../../harness/core/seed.ts';
import type { MachineState } from '../machines/protocol.ts';
import type { MachineProfile } from '../cluster.ts';
import { reportedState } from './machine-profile.ts';

/** What is known of the machine itself. */
interface PoweredMachine {
  readonly name: string;
  readonly power: 'on' | 'off';
  readonly fenced: boolean;
}

interface PowerCut {
  readonly offSinceMonoMs: number;
  /** Decides, in a profile whose word is late, how late it is this time. */
  readonly draw: number;
}

/** When machines lost their power, and what the machine interface says of them since. */
export class PowerCuts {
  readonly #profile: MachineProfile;
  readonly #random: Rng;
  readonly #cuts = new Map<string, PowerCut>();
  readonly #asked = new Map<string, string>();

  constructor(profile: MachineProfile, random: Rng) {
    this.#profile = profile;
    this.#random = random;
  }

  /** `machine` is about to lose its power; one that has none keeps the time of its first loss. */
  cut(machine: PoweredMachine): void {
    if (machine.power !== 'on') return;
    this.#cuts.set(machine.name, { offSinceMonoMs: performance.now(), draw: this.#random.next() });
  }

  /** Somebody has asked for it through the interface; the last one counts. */
  asked(node: string, attempt: string): void {
    this.#asked.set(node, attempt);
  }

  /**
   * Only the last power-off that was asked for may be taken back.
   * @throws FiredrillError `machine.fenced`
   */
  requireLastAsked(node: string, attempt: string): void {
    const last = this.#asked.get(node);
    if (last !== attempt)
      throw new FiredrillError('machine.fenced', `${node} was switched off by ${last ?? 'nobody'} since`);
  }

  /** It is on again, or gone for good. */
  forget(node: string): void {
    this.#asked.delete(node);
    this.#cuts.delete(node);
  }

  stateOf(machine: PoweredMachine): MachineState {
    const cut = this.#cuts.get(machine.name);
    const facts = {
      power: machine.power,
      offSinceMonoMs: cut?.offSinceMonoMs,
      fenced: machine.fenced,
      draw: cut?.draw ?? 0,
    };
    const offBy = machine.power === 'off' ? this.#asked.get(machine.name) : undefined;
    return {
      node: machine.name,
      state: reportedState(this.#profile, facts, performance.now()),
      observedAtMs: Date.now(),
      ...(offBy === undefined ? {} : { offBy }),
    };
  }
}
