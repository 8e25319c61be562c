import { FiredrillError } from '../../core/errors.ts';
import type { NodeInspection } from '../../../infra/machines/inspection.ts';
import type { Evidence, FaultContext, LifeLine, Witness } from '../injector.ts';
import { awaitSilence } from './silence.ts';

const CONNECT_WITHIN_MS = 2_000;

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
  const line = await context.openLifeLine(machine.address);
  const inspect = (): Promise<NodeInspection> => context.cluster.machines.inspect(node);
  return watchLifeLine(node, line, inspect, confirm, context);
}

/** The part without a network: see `kubeletWitness`. */
async function watchLifeLine(
  node: string,
  line: LifeLine,
  inspect: () => Promise<NodeInspection>,
  confirm: (inspection: NodeInspection) => string | undefined,
  context: Pick<FaultContext, 'clock' | 'signal'>,
): Promise<Witness> {
  const { clock } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.signal]);
  let seen = 'the kubelet answers';
  await line.ask(CONNECT_WITHIN_MS);

  const proof = (async (): Promise<Evidence> => {
    const silence = await awaitSilence(line, clock, signal);
    seen = `the kubelet is silent (${silence.why})`;
    for (;;) {
      const inspection = await inspect();
      const confirmation = confirm(inspection);
      if (confirmation !== undefined)
        return {
          observer: 'kubelet',
          observation: `the kubelet of ${node} answers no more (${silence.why}); ${confirmation}`,
          monoMs: silence.from.monoMs,
          wallMs: silence.from.wallMs,
          errorMs: silence.errorMs,
        };
      seen = `the kubelet is silent, but the machine shows ${describeInspection(inspection)}`;
      await clock.sleep(20, signal);
    }
  })();
  // Whoever asks for the proof gets the rejection; nobody may be listening when the watch is stopped early.
  proof.catch(() => undefined);

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

function describeInspection(inspection: NodeInspection): string {
  if (!inspection.exists) return 'that it was retired';
  return [
    `${inspection.processes} processes`,
    ...(inspection.frozen ? ['frozen'] : []),
    `cable ${inspection.cable}`,
    ...(inspection.fenced ? ['fenced'] : []),
  ].join(', ');
}
