import { defineFault } from '../../define-fault.ts';
import { kubeletWitness } from '../../witness/kubelet-witness.ts';

/** The power of the chosen nodes is cut: all that ran on them is gone at once. Permanent: somebody has to power them on again. */
export const nodePowerOff = defineFault('node.power-off', {
  evidenceWithinMs: 5_000,
  undo: (target) => ({ verb: 'node.power-on', args: { node: target.name } }),
  witness: (target, context) =>
    kubeletWitness(target.name, context, (machine) =>
      machine.processes === 0 ? 'no process of the machine is left' : undefined,
    ),
  apply: (target, _fault, context) => context.cluster.machines.powerOff(target.name),
});
