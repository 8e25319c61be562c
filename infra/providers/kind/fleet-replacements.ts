import { FiredrillError } from '../../../harness/core/errors.ts';
import type { ReplaceResult } from '../../machines/protocol.ts';
import { Replacements } from '../../supervisor/replacements.ts';
import { favourInfra } from './favour-infra.ts';
import type { FleetParts } from './fleet-parts.ts';
import type { KindMachine } from './kind-machine.ts';
import { exchangeMachine, joinCluster, leaveCluster, untilBooted } from './replace-machine.ts';

/** New machines in the place of old ones, once for each attempt. */
export class FleetReplacements {
  readonly #parts: FleetParts;
  readonly #replacements = new Replacements<KindMachine>(
    (node) => this.#exchange(node),
    (machine) => this.#join(machine),
  );

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  async replace(node: string, attempt?: string): Promise<ReplaceResult> {
    const machine = await this.#replacements.replace(node, attempt);
    return { node, replacement: machine.name };
  }

  /** Where no new machine can be had: the old one joins anew, as a node that knows nothing of what was. */
  restartClean(node: string): Promise<ReplaceResult> {
    const { plan, roster, verbs, powerCuts, tools, log } = this.#parts;
    return roster.inTurn(node, async () => {
      const machine = roster.requireWorker(node);
      log(`${node} is restarted clean instead of replaced: ${plan.cannotReplace ?? ''}`);
      await verbs.powerOn(machine);
      powerCuts.forget(node);
      await untilBooted(machine, tools);
      await leaveCluster(machine, tools);
      await joinCluster(machine, tools);
      return { node, replacement: node };
    });
  }

  #exchange(node: string): Promise<KindMachine> {
    const { plan, roster, powerCuts, tools, log } = this.#parts;
    return roster.inTurn(node, async () => {
      const old = roster.requireWorker(node);
      const { cannotReplace } = plan;
      if (cannotReplace !== undefined) {
        throw new FiredrillError('kind.not-possible', `${node} cannot be replaced: ${cannotReplace}`, {
          userError: true,
          hint: 'switch it on again instead, or use another engine',
        });
      }
      const machine = await exchangeMachine(old, roster.nextName(), tools);
      roster.exchange(node, machine);
      powerCuts.forget(node);
      log(`${node} is retired, ${machine.name} comes in its place`);
      return machine;
    });
  }

  async #join(machine: KindMachine): Promise<void> {
    const { images, tools } = this.#parts;
    await favourInfra([machine], this.#parts);
    await untilBooted(machine, tools);
    await images.loadInto(machine.name);
    await joinCluster(machine, tools);
  }
}
