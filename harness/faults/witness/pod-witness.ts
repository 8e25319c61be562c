import type { ResolvedTarget } from '../../core/faults/fault.ts';
import type { FaultContext, Witness } from '../injector.ts';
import { silenceWitness } from './silence.ts';

const LOOK_EVERY_MS = 20;

/**
 * Watches a pod by asking it over and over, as the kubelet of a node is asked. The API's word alone is no proof: with
 * no grace it forgets a pod before its processes have ended.
 */
export async function podWitness(target: ResolvedTarget, context: FaultContext): Promise<Witness> {
  const { pods, clock } = context;
  const line = await pods.openLine(await pods.askable(target));
  return await silenceWitness('it', line, context, async (why, see, signal) => {
    see(`it is silent (${why}), and the API still has it`);
    while (await pods.exists(target)) await clock.sleep(LOOK_EVERY_MS, signal);
    const observation = `${target.name} answers no more (${why}), and the API has it no more`;
    return { observer: 'pod', observation };
  });
}
