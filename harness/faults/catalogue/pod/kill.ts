import { defineFault } from '../../define-fault.ts';
import { podWitness } from '../../witness/pod-witness.ts';

/** The chosen pods end at once, without any grace, as when their processes are killed; whoever owns them makes others. */
export const podKill = defineFault('pod.kill', {
  evidenceWithinMs: 10_000,
  undo: ({ namespace = '', name, uid, node = '' }) => ({
    verb: 'pod.none',
    args: { namespace, name, uid, node },
  }),
  witness: podWitness,
  apply: (target, _fault, context) => context.pods.kill(target),
});
