import type { Injector } from './injector.ts';
import { kubeletWitness } from './kubelet-witness.ts';

/** A machine whose network cable is pulled: it runs on, and nobody reaches it in either direction, by any protocol. */
export const nodeCableOutInjector: Injector = {
  kind: 'node.cable-out',
  evidenceWithinMs: 5_000,
  undo: (target) => ({ verb: 'node.cable-in', args: { node: target.name } }),
  witness: (target, context) =>
    kubeletWitness(target.name, context, (machine) =>
      machine.cable === 'out' && machine.processes > 0
        ? `its link has no carrier while ${machine.processes} processes run on`
        : undefined,
    ),
  apply: (target, _fault, context) => context.cluster.machines.cableOut(target.name),
};
