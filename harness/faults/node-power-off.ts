import type { Injector } from './injector.ts';
import { kubeletWitness } from './kubelet-witness.ts';

/** All of a machine's processes gone at once, as when its power is cut. Permanent: somebody has to power it on again. */
export const nodePowerOffInjector: Injector = {
  kind: 'node.power-off',
  evidenceWithinMs: 5_000,
  undo: (target) => ({ verb: 'node.power-on', args: { node: target.name } }),
  witness: (target, context) =>
    kubeletWitness(target.name, context, (machine) =>
      machine.processes === 0 ? 'no process of the machine is left' : undefined,
    ),
  apply: (target, _fault, context) => context.cluster.machines.powerOff(target.name),
};
