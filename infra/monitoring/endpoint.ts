import { FiredrillError } from '../../harness/core/errors.ts';
import type { ServiceRef } from '../cluster.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Pod } from '../kube/objects.ts';
import { deploymentReady, podReady } from '../kube/readiness.ts';
import { waitForObject } from '../kube/wait.ts';

/** A running component: where to connect to from the outside, and its name inside the cluster. */
export interface Endpoint {
  readonly podIp: string;
  readonly port: number;
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
  component: ServiceRef,
  wait: WaitFacts,
): Promise<Endpoint> {
  const { namespace, name, port } = component;
  await waitForObject(kube, { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }, deploymentReady, {
    ...wait,
    what: `Deployment ${namespace}/${name} to be ready`,
  });
  const pod = await readyPod(kube, component, { app: name }, wait.signal);
  return endpointOf(pod, component, port);
}

/**
 * A ready pod behind a Service of somebody else.
 * @throws FiredrillError `monitoring.no-service`, `monitoring.no-pod`
 */
export async function serviceEndpoint(
  kube: KubeClient,
  ref: ServiceRef,
  signal: AbortSignal,
): Promise<Endpoint> {
  const { namespace, name, port } = ref;
  const service = await kube.find({ apiVersion: 'v1', kind: 'Service', namespace, name }, { signal });
  const declared = service?.spec?.ports?.find((one) => one.port === port);
  const selector = service?.spec?.selector;
  if (declared === undefined || selector === undefined) {
    const ports = service?.spec?.ports?.map((one) => one.port).join(', ') ?? '';
    const found = service === undefined ? 'there is none' : `it has the ports ${ports || 'none'}`;
    throw new FiredrillError(
      'monitoring.no-service',
      `Service ${namespace}/${name}, port ${port}: ${found}`,
      { hint: `kubectl -n ${namespace} get services` },
    );
  }
  const pod = await readyPod(kube, ref, selector, signal);
  return endpointOf(pod, ref, portNumber(pod, declared.targetPort ?? port));
}

/** One of the pods of a Service that is ready now: after the loss of its node it is another one. */
async function readyPod(
  kube: KubeClient,
  { namespace, name }: ServiceRef,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Pod> {
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const { items } = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }, { signal });
  const pod = items.find((item) => podReady(item) === true);
  if (pod !== undefined) return pod;
  throw new FiredrillError(
    'monitoring.no-pod',
    `no ready pod behind ${namespace}/${name}: ${describe(items)}`,
    { hint: `kubectl -n ${namespace} describe pods -l ${labelSelector}` },
  );
}

function endpointOf({ status }: Pod, { namespace, name, port }: ServiceRef, at: number): Endpoint {
  return {
    podIp: status?.podIP ?? '',
    port: at,
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
