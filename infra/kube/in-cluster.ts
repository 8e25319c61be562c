import type { KubeTarget } from './target.ts';
/** The API server as a pod sees it: service account files and the KUBERNETES_SERVICE_* environment. Throws `kube.not-in-cluster`. */
export declare function inClusterTarget(options?: {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
}): KubeTarget & { readonly namespace: string };
