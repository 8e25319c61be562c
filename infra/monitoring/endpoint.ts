import { FiredrillError } from '../../harness/core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Pod } from '../kube/objects.ts';
import { deploymentReady, podReady } from '../kube/readiness.ts';
import { waitForObject } from '../kube/wait.ts';

/** A running component: where to connect to from the outside, and its name inside the cluster. */
export interface Endpoint {
  readonly podName: string;
  readonly podIp: string;
  readonly port: number;
  readonly node: string;
  /** `http://NAME.NAMESPACE.svc:PORT` */
  readonly serviceUrl: string;
}

export interface WaitFacts {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Waits until the Deployment of a one-replica component is ready and tells where its pod is. */
export async function readyEndpoint(
  kube: KubeClient,
  component: { readonly namespace: string; readonly name: string; readonly port: number },
  wait: WaitFacts,
): Promise<Endpoint> {
  const { namespace, name, port } = component;
  await waitForObject(kube, { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }, deploymentReady, {
    ...wait,
    what: `Deployment ${namespace}/${name} to be ready`,
  });
  return await presentEndpoint(kube, { namespace, name, port }, wait.signal);
}

/** Where the pod of a component is now: after the loss of its node it is another one. Rejects with `monitoring.no-pod`. */
export async function presentEndpoint(
  kube: KubeClient,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
  signal: AbortSignal,
): Promise<Endpoint> {
  const selection = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: `app=${name}` } as const;
  const { items } = await kube.list(selection, { signal });
  const pod = items.find((item) => podReady(item) === true && item.metadata?.deletionTimestamp === undefined);
  if (pod === undefined) {
    throw new FiredrillError(
      'monitoring.no-pod',
      `no ready pod of ${namespace}/${name}: ${describe(items)}`,
      {
        hint: `kubectl -n ${namespace} describe pods -l app=${name}`,
      },
    );
  }
  return {
    podName: pod.metadata?.name ?? '',
    podIp: pod.status?.podIP ?? '',
    port,
    node: pod.spec?.nodeName ?? '',
    serviceUrl: `http://${name}.${namespace}.svc:${port}`,
  };
}

function describe(pods: readonly Pod[]): string {
  if (pods.length === 0) return 'there is no pod at all';
  return pods.map((pod) => `${pod.metadata?.name ?? ''} ${String(podReady(pod))}`).join('; ');
}
