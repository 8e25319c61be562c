import { FiredrillError } from '../../harness/core/errors.ts';
import type { Rng } from '../../harness/core/seed.ts';
import { given } from '../../harness/core/given.ts';
import type { MachinePowerState, MachineState } from '../machines/protocol.ts';
import type { MachineProfile } from '../cluster.ts';

/** For how long a cloud's interface goes on saying `on` after a machine has died by itself. */
const CLOUD_DELAY_MS = { least: 60_000, most: 120_000 } as const;

/** How often an interface lets itself be asked. */
export interface CallRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A management controller bears any reasonable client; a cloud's API counts the calls of a whole account. */
export const CALL_RATES: Readonly<Record<Exclude<MachineProfile, 'none'>, CallRate>> = {
  bmc: { perSecond: 20, burst: 40 },
  cloud: { perSecond: 2, burst: 10 },
};

/** What is known of one machine when its state is asked for. */
interface PowerFacts {
  readonly power: 'on' | 'off';
  /** Monotonic milliseconds of the moment when the power went off; undefined while it is on. */
  readonly offSinceMonoMs: number | undefined;
  /** Switched off through the interface itself, which then knows. */
  readonly fenced: boolean;
  /** 0 to 1, drawn once per power loss. */
  readonly draw: number;
}

/** What a machine interface of this kind says of a machine at this moment. */
export function reportedState(
  profile: MachineProfile,
  facts: PowerFacts,
  nowMonoMs: number,
): MachinePowerState {
  if (profile === 'none') return 'unknown';
  if (facts.power === 'on' || profile === 'bmc' || facts.fenced || facts.offSinceMonoMs === undefined)
    return facts.power;
  const delayMs = CLOUD_DELAY_MS.least + facts.draw * (CLOUD_DELAY_MS.most - CLOUD_DELAY_MS.least);
  return nowMonoMs - facts.offSinceMonoMs >= delayMs ? 'off' : 'on';
}

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

  /** Forgets a machine that is on again, or gone for good. */
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
      ...given({ offBy }),
    };
  }
}
