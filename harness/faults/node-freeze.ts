import type { Injector } from './injector.ts';
import { kubeletWitness } from './kubelet-witness.ts';

/** A machine that hangs: its kernel still accepts connections, nothing on it answers, and its power is on. */
export const nodeFreezeInjector: Injector = {
  kind: 'node.freeze',
  evidenceWithinMs: 5_000,
  undo: (target) => ({ verb: 'node.thaw', args: { node: target.name } }),
  witness: (target, context) =>
    kubeletWitness(target.name, context, (machine) =>
      machine.frozen && machine.processes > 0 ? `its ${machine.processes} processes are frozen` : undefined,
    ),
  apply: (target, _fault, context) => context.cluster.machines.freeze(target.name),
};
