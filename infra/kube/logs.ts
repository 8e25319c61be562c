import type { KubeClient } from './client.ts';

export interface LogOptions {
  readonly container?: string;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  readonly tailLines?: number;
  readonly timestamps?: boolean;
  readonly previous?: boolean;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}
export declare function podLog(kube: KubeClient, pod: PodRef, options?: LogOptions): Promise<string>;
/** Lines as they are written; ends with the container, or when the signal aborts. */
export declare function followPodLog(
  kube: KubeClient,
  pod: PodRef,
  options?: LogOptions,
): AsyncGenerator<string>;
