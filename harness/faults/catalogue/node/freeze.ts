import { defineFault } from '../../define-fault.ts';
import { kubeletWitness } from '../../witness/kubelet-witness.ts';

/** The chosen nodes hang: power on, connections accepted by the kernel, no answer. */
export const nodeFreeze = defineFault('node.freeze', {
  evidenceWithinMs: 5_000,
  undo: (target) => ({ verb: 'node.thaw', args: { node: target.name } }),
  witness: (target, context) =>
    kubeletWitness(target.name, context, (machine) =>
      machine.frozen && machine.processes > 0 ? `its ${machine.processes} processes are frozen` : undefined,
    ),
  apply: (target, _fault, context) => context.cluster.machines.freeze(target.name),
});
