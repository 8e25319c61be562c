import type { KubeClient } from './client.ts';
import { linesOf } from './watch.ts';

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
  /** Of the container that ran before the last restart. */
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

/** Lines as a container writes them; ends with the container, or when the signal aborts. */
export async function* followPodLog(
  kube: KubeClient,
  pod: PodRef,
  options: LogOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { signal, timeoutMs, ...query } = options;
  const path = await logPath(kube, pod);
  const request = { method: 'GET', path, query: { ...query, follow: true }, accept: '*/*' } as const;
  const stream = await kube.stream({ ...request, signal, timeoutMs });
  const abort = () => stream.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    yield* linesOf(stream, true);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    stream.destroy();
  }
}

async function logPath(kube: KubeClient, pod: PodRef): Promise<string> {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name };
  return await kube.pathOf(ref, {}, 'log');
}
