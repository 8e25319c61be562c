import type { Injector } from './injector.ts';
import { kubeletWitness } from './kubelet-witness.ts';
import { nodeFaultProblems } from './target-problems.ts';

/** All of a machine's processes gone at once, as when its power is cut. Permanent: somebody has to power it on again. */
export const nodePowerOffInjector: Injector = {
  kind: 'node.power-off',
  title: 'powered off',
  needs: ['node.power'],
  evidenceWithinMs: 5_000,
  problems: (fault) => [
    ...nodeFaultProblems(fault),
    ...(fault.durationMs === undefined
      ? []
      : [{ key: 'duration', message: 'a power-off is permanent and takes no duration' }]),
  ],
  undo: (target) => ({ verb: 'node.power-on', args: { node: target.name } }),
  witness: (target, context) =>
    kubeletWitness(target.name, context, (machine) =>
      machine.processes === 0 ? 'no process of the machine is left' : undefined,
    ),
  apply: (target, _fault, context) => context.cluster.machines.powerOff(target.name),
};
