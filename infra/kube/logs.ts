import type { KubeClient } from './client.ts';

export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}

interface LogOptions {
  /** May be left out where the pod has one. */
  readonly container?: string | undefined;
  readonly sinceSeconds?: number | undefined;
  /** RFC 3339. */
  readonly sinceTime?: string | undefined;
  readonly tailLines?: number | undefined;
  readonly timestamps?: boolean | undefined;
  /** The log of the container that ran before the last restart. */
  readonly previous?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** What a container has written so far. */
export async function podLog(kube: KubeClient, pod: PodRef, options: LogOptions = {}): Promise<string> {
  const { signal, timeoutMs, ...query } = options;
  const path = await logPath(kube, pod);
  return await kube.request<string>({ method: 'GET', path, query, accept: '*/*', signal, timeoutMs });
}

async function logPath(kube: KubeClient, pod: PodRef): Promise<string> {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name };
  return await kube.pathOf(ref, {}, 'log');
}
