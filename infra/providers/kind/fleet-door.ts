import type { MachineState, ReplaceResult } from '../../machines/protocol.ts';
import type { MachineBackend } from '../../supervisor/machine-door.ts';
import type { FleetParts } from './fleet-parts.ts';
import type { FleetReplacements } from './fleet-replacements.ts';
import { performVerb } from './perform-verb.ts';

/** What the machine interface may do: all but the control plane, without which there is no cluster to heal. */
export class FleetDoor implements MachineBackend {
  readonly #parts: FleetParts;
  readonly #replacements: FleetReplacements;

  constructor(parts: FleetParts, replacements: FleetReplacements) {
    this.#parts = parts;
    this.#replacements = replacements;
  }

  states(): MachineState[] {
    const { roster, powerCuts, view } = this.#parts;
    const states = roster.workers.map((machine) => powerCuts.stateOf(machine));
    return view.silence === undefined ? states : states.map((state) => ({ ...state, state: 'unknown' }));
  }

  /** The machine stays off until somebody switches it on. */
  powerOff(node: string, attempt: string): Promise<MachineState> {
    const { roster, powerCuts } = this.#parts;
    return roster.inTurn(node, async () => {
      const machine = roster.requireWorker(node);
      machine.fenced = true;
      await performVerb(machine, 'power-off', this.#parts);
      powerCuts.asked(node, attempt);
      return powerCuts.stateOf(machine);
    });
  }

  /** The power-off of an attempt, where no other one came after it. */
  powerOn(node: string, undoOf: string): Promise<MachineState> {
    const { roster, powerCuts } = this.#parts;
    return roster.inTurn(node, async () => {
      const machine = roster.requireWorker(node);
      if (machine.power === 'off') {
        powerCuts.requireLastAsked(node, undoOf);
        await performVerb(machine, 'power-on', this.#parts);
      }
      return powerCuts.stateOf(machine);
    });
  }

  replace(node: string, attempt: string): Promise<ReplaceResult> {
    return this.#parts.plan.cannotReplace === undefined
      ? this.#replacements.replace(node, attempt)
      : this.#replacements.restartClean(node);
  }
}
