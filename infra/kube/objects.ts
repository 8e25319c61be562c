import { FiredrillError } from '../../harness/core/errors.ts';
import type * as generated from '@kubernetes/client-node';

/** The generated types escape words that JavaScript reserves; on the wire they have no underscore. */
type WireKey<K> = K extends
  '_continue' | '_default' | '_enum' | '_exec' | '_for' | '_from' | '_in' | '_not' | '_static'
  ? K extends `_${infer Bare}`
    ? Bare
    : K
  : K;

/** A generated type as the JSON really is: times are RFC 3339 strings, keys are unescaped. */
type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [K in keyof T as WireKey<K>]: Wire<T[K]> }
      : T;

type ObjectMeta = Wire<generated.V1ObjectMeta>;
export type Status = Wire<generated.V1Status>;

/** What every API object has. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** An object that is complete enough to be sent to the API server. */
export interface Manifest extends KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export type ConfigMap = Wire<generated.V1ConfigMap>;
export type Deployment = Wire<generated.V1Deployment>;
export type EndpointSlice = Wire<generated.V1EndpointSlice>;
export type Lease = Wire<generated.V1Lease>;
export type Node = Wire<generated.V1Node>;
export type PersistentVolume = Wire<generated.V1PersistentVolume>;
export type PersistentVolumeClaim = Wire<generated.V1PersistentVolumeClaim>;
export type Pod = Wire<generated.V1Pod>;
export type PodDisruptionBudget = Wire<generated.V1PodDisruptionBudget>;
export type ReplicaSet = Wire<generated.V1ReplicaSet>;
export type Service = Wire<generated.V1Service>;
export type StatefulSet = Wire<generated.V1StatefulSet>;
export type CustomResourceDefinition = Wire<generated.V1CustomResourceDefinition>;

/** The kinds whose types are inferred from `{ apiVersion, kind }`; open for merging. */
interface KnownObjects {
  'v1/ConfigMap': ConfigMap;
  'v1/Namespace': Wire<generated.V1Namespace>;
  'v1/Node': Node;
  'v1/PersistentVolume': PersistentVolume;
  'v1/PersistentVolumeClaim': PersistentVolumeClaim;
  'v1/Pod': Pod;
  'v1/Secret': Wire<generated.V1Secret>;
  'v1/Service': Service;
  'v1/ServiceAccount': Wire<generated.V1ServiceAccount>;
  'apps/v1/DaemonSet': Wire<generated.V1DaemonSet>;
  'apps/v1/Deployment': Deployment;
  'apps/v1/ReplicaSet': ReplicaSet;
  'apps/v1/StatefulSet': StatefulSet;
  'autoscaling/v2/HorizontalPodAutoscaler': Wire<generated.V2HorizontalPodAutoscaler>;
  'batch/v1/Job': Wire<generated.V1Job>;
  'coordination.k8s.io/v1/Lease': Lease;
  'discovery.k8s.io/v1/EndpointSlice': EndpointSlice;
  'events.k8s.io/v1/Event': Wire<generated.EventsV1Event>;
  'networking.k8s.io/v1/NetworkPolicy': Wire<generated.V1NetworkPolicy>;
  'policy/v1/PodDisruptionBudget': PodDisruptionBudget;
  'rbac.authorization.k8s.io/v1/ClusterRole': Wire<generated.V1ClusterRole>;
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': Wire<generated.V1ClusterRoleBinding>;
  'rbac.authorization.k8s.io/v1/Role': Wire<generated.V1Role>;
  'rbac.authorization.k8s.io/v1/RoleBinding': Wire<generated.V1RoleBinding>;
  'storage.k8s.io/v1/StorageClass': Wire<generated.V1StorageClass>;
  'storage.k8s.io/v1/VolumeAttachment': Wire<generated.V1VolumeAttachment>;
  'apiextensions.k8s.io/v1/CustomResourceDefinition': CustomResourceDefinition;
}

/** Which kind, e.g. `{ apiVersion: 'apps/v1', kind: 'Deployment' }`. */
export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Which object. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef extends KindRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** The object type that a literal kind names; plain `KubeObject` for kinds that are not known here. */
export type ObjectOf<R extends KindRef> = `${R['apiVersion']}/${R['kind']}` extends keyof KnownObjects
  ? KnownObjects[`${R['apiVersion']}/${R['kind']}`]
  : KubeObject;

export interface KubeList<T> {
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly continue?: string;
  };
  readonly items: T[];
}

/** `Pod storefront/web-1` or `Node worker-1`: how messages name an object. */
export function describeRef(ref: {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}): string {
  const name = ref.name ?? '(generated name)';
  return `${ref.kind} ${ref.namespace === undefined ? name : `${ref.namespace}/${name}`}`;
}

/** The reference of an object that carries its own apiVersion and kind. */
export function refOf(object: KubeObject): ObjectRef {
  return {
    apiVersion: object.apiVersion ?? '',
    kind: object.kind ?? '',
    namespace: object.metadata?.namespace,
    name: object.metadata?.name ?? '',
  };
}

/**
 * The kind of an object that is to be sent.
 *
 * @throws FiredrillError `kube.bad-object`
 */
export function kindOf(object: KubeObject): KindRef {
  const { apiVersion, kind } = object;
  if (apiVersion === undefined || kind === undefined) {
    const name = object.metadata?.name ?? '(no name)';
    throw new FiredrillError('kube.bad-object', `the object ${name} has no apiVersion or no kind`);
  }
  return { apiVersion, kind };
}
