import type { ConfigMap, EndpointSlice, KubeObject, Lease, Node, Pod } from '../../infra/kube/objects.ts';

/** An object as the API server stores it, which always has these three. */
export type Stored<T extends KubeObject> = T & {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
};

export type NodeObject = Stored<Node>;
export type LeaseObject = Stored<Lease>;
export type PodObject = Stored<Pod>;
export type EndpointSliceObject = Stored<EndpointSlice>;
export type ConfigMapObject = Stored<ConfigMap>;

/** One operation of a JSON Patch (RFC 6902). */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

export function conditionOf(
  object: { readonly status?: { readonly conditions?: readonly { type: string; status: string }[] } },
  type: string,
): string | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type)?.status;
}
