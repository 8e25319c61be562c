import { defineFault } from '../../define-fault.ts';
import { kubeletWitness } from '../../witness/kubelet-witness.ts';

/** The network cable of the chosen nodes is pulled: they run on, and nobody reaches them in either direction, by any protocol. */
export const nodeCableOut = defineFault('node.cable-out', {
  evidenceWithinMs: 5_000,
  undo: (target) => ({ verb: 'node.cable-in', args: { node: target.name } }),
  witness: (target, context) =>
    kubeletWitness(target.name, context, (machine) =>
      machine.cable === 'out' && machine.processes > 0
        ? `its link has no carrier while ${machine.processes} processes run on`
        : undefined,
    ),
  apply: (target, _fault, context) => context.cluster.machines.cableOut(target.name),
});
