import { given } from '../../harness/core/given.ts';
import type { ConfigMap, EndpointSlice, KubeObject, Lease, Node, Pod } from '../../infra/kube/objects.ts';

/** An object as the API server stores it, which always has these three. */
export type Stored<T extends KubeObject> = T & {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
};

/** The parts of an object, and the fields of each that are used. */
type Fields<T> = { readonly [Part in keyof T]?: readonly (keyof NonNullable<T[Part]>)[] };
/** What is left of an object: a field that is not listed is not there for the compiler either. */
type Reduced<T, F extends Fields<T>> = {
  readonly [Part in keyof F & keyof T]: Pick<
    NonNullable<T[Part]>,
    NonNullable<F[Part]>[number] & keyof NonNullable<T[Part]>
  >;
};

const IDENTITY = ['name', 'uid', 'resourceVersion'] as const;
/** Of 15 KB of a Node with its fifty images some 1 KB is used. */
const NODE_FIELDS = {
  metadata: [...IDENTITY, 'labels', 'annotations', 'creationTimestamp', 'deletionTimestamp'],
  spec: ['unschedulable', 'taints'],
  status: ['addresses', 'daemonEndpoints', 'conditions', 'nodeInfo'],
} as const satisfies Fields<Node>;
const LEASE_FIELDS = {
  metadata: IDENTITY,
  spec: ['renewTime', 'leaseDurationSeconds'],
} as const satisfies Fields<Lease>;

type KeptNode = Reduced<Stored<Node>, typeof NODE_FIELDS>;
type NodeCondition = { readonly type: 'Ready'; readonly status: string };
export interface NodeObject extends Pick<KeptNode, 'metadata'>, Partial<Pick<KeptNode, 'spec'>> {
  readonly status?: Omit<KeptNode['status'], 'conditions' | 'nodeInfo'> & {
    conditions?: readonly NodeCondition[];
    readonly nodeInfo?: { readonly systemUUID: string };
  };
}
type KeptLease = Reduced<Stored<Lease>, typeof LEASE_FIELDS>;
export type LeaseObject = Pick<KeptLease, 'metadata'> & Partial<Pick<KeptLease, 'spec'>>;
export type PodObject = Stored<Pod>;
export type ConfigMapObject = Stored<ConfigMap>;
/** How many ready endpoints of a slice are on each node. */
export type ReadyEndpoints = ReadonlyMap<string, number>;

/** Takes of a Node what is used of one, as it comes in at the door: what is kept of thousands is most of a healer's memory. */
export function reduceNode(node: Stored<Node>): NodeObject {
  const { status, ...kept } = reduce(node, NODE_FIELDS);
  if (status === undefined) return kept;
  const { conditions, nodeInfo, ...rest } = status;
  const ready = conditions?.flatMap(({ type, status: says }) =>
    type === 'Ready' ? [{ type, status: says } as const] : [],
  );
  const identity = nodeInfo && { systemUUID: nodeInfo.systemUUID };
  return { ...kept, status: { ...rest, ...given({ conditions: ready, nodeInfo: identity }) } };
}

export function reduceLease(lease: Stored<Lease>): LeaseObject {
  return reduce(lease, LEASE_FIELDS);
}

export function readyEndpoints({ endpoints }: EndpointSlice): ReadyEndpoints {
  const counts = new Map<string, number>();
  for (const { nodeName, conditions } of endpoints ?? []) {
    if (nodeName !== undefined && conditions?.ready !== false)
      counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1);
  }
  return counts;
}

function reduce<T extends { readonly metadata: object }, const F extends Fields<T>>(object: T, fields: F) {
  const parts = Object.entries(fields as Record<string, readonly string[]>).flatMap(([part, keys]) => {
    const whole = (object as Record<string, Readonly<Record<string, unknown>> | undefined>)[part];
    if (whole === undefined) return [];
    const kept = keys.filter((key) => whole[key] !== undefined).map((key) => [key, whole[key]] as const);
    return [[part, Object.fromEntries(kept)] as const];
  });
  return Object.fromEntries(parts) as Pick<Reduced<T, F>, 'metadata' & keyof F> & Partial<Reduced<T, F>>;
}

/** One operation of a JSON Patch (RFC 6902). */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

export function conditionOf<T extends string>(
  object: { readonly status?: { readonly conditions?: readonly { type: T; status: string }[] } },
  type: NoInfer<T>,
): string | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type)?.status;
}
