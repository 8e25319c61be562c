import type { ResolvedTarget } from '../../../core/faults/fault.ts';
import { nodeServiceImage } from '../../../../infra/images/service-image.ts';
import { podReady } from '../../../../infra/kube/readiness.ts';
import { waitForObject } from '../../../../infra/kube/wait.ts';
import { podAccess } from '../../pod-access.ts';
import type { ContractCase, ContractContext } from '../../testing/contract-case.ts';
import { podKill } from './kill.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'contract-victim' } as const;
const READY_WITHIN_MS = 60_000;

export function contractCase(): ContractCase {
  return {
    fault: podKill({ pod: { namespace: POD.namespace, labels: `app=${POD.name}`, mode: 'one' } }),
    nowhere: podKill({ pod: { namespace: POD.namespace, labels: 'app=no-such-pod', mode: 'one' } }),
    impossible: {
      fault: { kind: 'pod.kill', target: { kind: 'pod', labels: '', mode: { fixed: 0 } }, durationMs: 1_000 },
      keys: ['pod.labels', 'pod.mode.fixed', 'duration'],
    },
    prepare: preparePod,
    target: findPod,
    restores: false,
    connect: async (target, { cluster, kube }) => {
      const pods = podAccess(kube, (address, port) => cluster.connect(address, port));
      return await pods.openLine(await pods.askable(target));
    },
    awaitWork: () => Promise.resolve(),
  };
}

/** A pod that nobody owns, so that nothing comes in its place. */
async function preparePod({ cluster, kube }: ContractContext): Promise<void> {
  const entry = new URL('../../testing/answering-main.ts', import.meta.url);
  const image = nodeServiceImage({ name: 'answering', entry });
  const [known] = await cluster.loadImages([image]);
  if ((await kube.find(POD)) === undefined) {
    await kube.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: POD.namespace, name: POD.name, labels: { app: POD.name } },
      spec: {
        containers: [
          {
            name: 'main',
            image: known?.reference ?? '',
            imagePullPolicy: 'Never',
            readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    });
  }
  await waitForObject(kube, POD, podReady, { timeoutMs: READY_WITHIN_MS });
}

async function findPod({ kube }: ContractContext): Promise<ResolvedTarget> {
  const pod = await kube.find(POD);
  const { namespace, name } = POD;
  return {
    kind: 'pod',
    namespace,
    name,
    uid: pod?.metadata?.uid ?? '',
    ...(pod?.spec?.nodeName === undefined ? {} : { node: pod.spec.nodeName }),
  };
}
