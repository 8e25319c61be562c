import type { KubeTarget } from './target.ts';
/** The target of a context in a kubeconfig file ($KUBECONFIG or ~/.kube/config by default). */
export declare function loadKubeconfig(options?: {
  readonly path?: string;
  readonly context?: string;
}): Promise<KubeTarget & { readonly context: string; readonly namespace: string }>;
/** Writes a kubeconfig with one context, readable by its owner only (0600), atomically. */
export declare function writeKubeconfig(
  path: string,
  target: KubeTarget,
  options?: { readonly name?: string; readonly namespace?: string },
): Promise<void>;
