import { FiredrillError } from '../../core/errors.ts';
import type { NodeInspection } from '../../../infra/machines/inspection.ts';
import type { FaultContext, Witness } from '../injector.ts';
import { silenceWitness } from './silence.ts';

const LOOK_EVERY_MS = 20;

/**
 * Watches a node from outside, by asking its kubelet over and over: the instant of the loss lies between the last
 * answer and the first question that got none. Silence alone is no proof of this fault, so the machine's own state,
 * as `confirm` reads it from its inspection, has to agree.
 */
export async function kubeletWitness(
  node: string,
  context: FaultContext,
  confirm: (inspection: NodeInspection) => string | undefined,
): Promise<Witness> {
  const machine = (await context.cluster.nodes()).find((candidate) => candidate.name === node);
  if (machine === undefined)
    throw new FiredrillError('fault.no-machine', `there is no machine behind the node ${node}`);
  const line = await context.openLivenessConnection(machine.address);
  return await silenceWitness('the kubelet', line, context, async (why, see, signal) => {
    for (;;) {
      const inspection = await context.cluster.machines.inspect(node);
      const confirmation = confirm(inspection);
      if (confirmation !== undefined) {
        const observation = `the kubelet of ${node} answers no more (${why}); ${confirmation}`;
        return { observer: 'kubelet', observation };
      }
      see(`the kubelet is silent, but the machine shows ${describeInspection(inspection)}`);
      await context.clock.sleep(LOOK_EVERY_MS, signal);
    }
  });
}

function describeInspection(inspection: NodeInspection): string {
  if (!inspection.exists) return 'that it was retired';
  return [
    `${inspection.processes} processes`,
    ...(inspection.frozen ? ['frozen'] : []),
    `cable ${inspection.cable}`,
    ...(inspection.fenced ? ['fenced'] : []),
  ].join(', ');
}
