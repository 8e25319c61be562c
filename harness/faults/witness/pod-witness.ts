import { messageOf } from '../../core/errors.ts';
import type { ResolvedTarget } from '../../core/faults/fault.ts';
import type { Evidence, FaultContext, Witness } from '../injector.ts';
import { awaitSilence } from './silence.ts';

const CONNECT_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 20;

/**
 * Watches a pod by asking it over and over, as the kubelet of a node is asked. The API's word alone is no proof: with
 * no grace it forgets a pod before its processes have ended.
 */
export async function podWitness(
  target: ResolvedTarget,
  { pods, clock, signal }: FaultContext,
): Promise<Witness> {
  const line = await pods.openLine(await pods.askable(target));
  const stop = new AbortController();
  const watched = AbortSignal.any([stop.signal, signal]);
  let seen = 'it answers';
  try {
    await line.ask(CONNECT_WITHIN_MS);
  } catch (error) {
    line.close();
    throw error;
  }
  const proof = (async (): Promise<Evidence> => {
    const silence = await awaitSilence(line, clock, watched);
    seen = `it is silent (${silence.why}), and the API still has it`;
    while (await pods.exists(target)) await clock.sleep(LOOK_EVERY_MS, watched);
    return {
      observer: 'pod',
      observation: `${target.name} answers no more (${silence.why}), and the API has it no more`,
      ...silence.from,
      errorMs: silence.errorMs,
    };
  })();
  // Whoever asks for the proof gets the rejection; nobody may be listening when the watch is stopped early.
  proof.catch((error: unknown) => (seen = `${seen}; ${messageOf(error)}`));
  return {
    proof,
    lastSeen: () => seen,
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('no longer watched'));
      line.close();
      await proof.catch(() => undefined);
    },
  };
}
