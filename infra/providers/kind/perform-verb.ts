import type { NodeVerb } from '../../supervisor/control-door.ts';
import type { FleetParts } from './fleet-parts.ts';
import type { KindMachine } from './kind-machine.ts';
import { untilBooted } from './replace-machine.ts';

/** Does one thing to a machine, with all that has to be known or done because of it. */
export async function performVerb(machine: KindMachine, verb: NodeVerb, parts: FleetParts): Promise<void> {
  const { verbs, powerCuts, images, tools } = parts;
  switch (verb) {
    case 'power-off':
      powerCuts.cut(machine);
      await verbs.powerOff(machine);
      break;
    case 'power-on':
      await verbs.powerOn(machine);
      powerCuts.forget(machine.name);
      await untilBooted(machine, tools);
      if (machine.role !== 'control-plane') await images.loadInto(machine.name);
      break;
    case 'freeze':
      await verbs.freeze(machine);
      break;
    case 'thaw':
      await verbs.thaw(machine);
      break;
    case 'cable-out':
      await verbs.cableOut(machine);
      break;
    case 'cable-in':
      await verbs.cableIn(machine);
      break;
  }
}
