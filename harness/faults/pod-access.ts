import type { Duplex } from 'node:stream';
import { FiredrillError } from '../core/errors.ts';
import type { ResolvedTarget } from '../core/faults/fault.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { isConflict, isNotFound } from '../../infra/kube/errors.ts';
import type { Pod } from '../../infra/kube/objects.ts';
import type { ProbedPod, PodAccess } from './injector.ts';
import { openPlainConnection } from './witness/liveness-connection.ts';

/** Pods through the API server, and their ports through the cluster's own way to them. */
export function podAccess(
  kube: Pick<KubeClient, 'find' | 'deletePod'>,
  connect: (address: string, port: number) => Promise<Duplex>,
): PodAccess {
  const find = async (target: ResolvedTarget): Promise<Pod | undefined> => {
    const { namespace = '', name, uid } = target;
    const pod = await kube.find({ apiVersion: 'v1', kind: 'Pod', namespace, name } as const);
    // A StatefulSet gives the name to the next one.
    return pod?.metadata?.uid === uid ? pod : undefined;
  };
  return {
    askable: async (target) => {
      const pod = await find(target);
      if (pod !== undefined) return askableBy(pod, target.name);
      throw new FiredrillError('fault.no-pod', `the pod ${target.name} is gone already`);
    },
    openLine: async ({ address, port, path }) => openPlainConnection(await connect(address, port), path),
    exists: async (target) => (await find(target)) !== undefined,
    kill: async ({ namespace = '', name, uid }) => {
      try {
        await kube.deletePod({ namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    },
  };
}

/** By what the kubelet asks it: a path that is served to anybody, at a port that is known. */
function askableBy({ spec, status }: Pod, name: string): ProbedPod {
  const address = status?.podIP ?? '';
  for (const container of spec?.containers ?? []) {
    for (const probe of [container.readinessProbe, container.livenessProbe, container.startupProbe]) {
      const { port, path = '/', scheme = 'HTTP' } = probe?.httpGet ?? {};
      const named = container.ports?.find((one) => one.name === String(port))?.containerPort;
      const number = typeof port === 'number' ? port : (named ?? Number(port));
      if (address !== '' && scheme === 'HTTP' && number > 0) return { address, port: number, path };
    }
  }
  throw new FiredrillError(
    'fault.pod-not-askable',
    `${name} has no probe over HTTP, so nobody outside of it could see that it has ended`,
    { hint: 'give its pods a readinessProbe with httpGet' },
  );
}
