import type { KubeClient } from './client.ts';

export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}

interface LogOptions {
  /** May be left out where the pod has one. */
  readonly container?: string | undefined;
  readonly tailLines?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** What a container has written so far. */
export async function podLog(kube: KubeClient, pod: PodRef, options: LogOptions = {}): Promise<string> {
  const { signal, timeoutMs, ...query } = options;
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name };
  const path = await kube.resources.pathOf(ref, {}, 'log');
  return await kube.request<string>({ method: 'GET', path, query, accept: '*/*', signal, timeoutMs });
}
