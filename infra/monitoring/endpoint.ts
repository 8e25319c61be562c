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
async function presentEndpoint(
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

/**
 * A ready pod behind a Service of somebody else.
 * @throws FiredrillError `monitoring.no-service`, `monitoring.no-pod`
 */
export async function serviceEndpoint(
  kube: KubeClient,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
  signal: AbortSignal,
): Promise<Endpoint> {
  const service = await kube.find({ apiVersion: 'v1', kind: 'Service', namespace, name } as const, {
    signal,
  });
  const declared = service?.spec?.ports?.find((one) => one.port === port);
  const selector = service?.spec?.selector;
  if (declared === undefined || selector === undefined) {
    const ports = service?.spec?.ports?.map((one) => one.port).join(', ') ?? '';
    const found = service === undefined ? 'there is none' : `it has the ports ${ports || 'none'}`;
    throw new FiredrillError(
      'monitoring.no-service',
      `Service ${namespace}/${name}, port ${port}: ${found}`,
      {
        userError: true,
        hint: `kubectl -n ${namespace} get services`,
      },
    );
  }
  const labelSelector = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const { items } = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector } as const, {
    signal,
  });
  const pod = items.find((item) => podReady(item) === true && item.metadata?.deletionTimestamp === undefined);
  if (pod === undefined) {
    throw new FiredrillError(
      'monitoring.no-pod',
      `no ready pod behind ${namespace}/${name}: ${describe(items)}`,
    );
  }
  return {
    podName: pod.metadata?.name ?? '',
    podIp: pod.status?.podIP ?? '',
    port: portNumber(pod, declared.targetPort ?? port),
    node: pod.spec?.nodeName ?? '',
    serviceUrl: `http://${name}.${namespace}.svc:${port}`,
  };
}

/** A Service may name the port of a container. */
function portNumber(pod: Pod, target: number | string): number {
  if (typeof target === 'number') return target;
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === target)?.containerPort ?? Number(target);
}

function describe(pods: readonly Pod[]): string {
  if (pods.length === 0) return 'there is no pod at all';
  return pods.map((pod) => `${pod.metadata?.name ?? ''} ${String(podReady(pod))}`).join('; ');
}
