import type { KubeClient, ListSelection } from './client.ts';
import type {
  Deployment,
  DaemonSet,
  StatefulSet,
  Job,
  KindRef,
  Node,
  ObjectOf,
  ObjectRef,
  Pod,
  CustomResourceDefinition,
} from './objects.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What is waited for, for the message of a time-out; default from the reference. */
  readonly what?: string | undefined;
}

/** true, or what is still missing. */
export type Answer = true | string;

/** Waits by watch until `check` of the object says true; undefined: there is none. Rejects with `kube.wait-timeout` and the last mismatch. */
export declare function waitForObject<const R extends ObjectRef, T extends ObjectOf<R> | undefined>(
  kube: KubeClient,
  ref: R,
  check: (object: ObjectOf<R> | undefined) => Answer,
  options: WaitOptions,
): Promise<T>;
/** The same for all objects that match. */
export declare function waitForAll<const R extends KindRef & ListSelection>(
  kube: KubeClient,
  selection: R,
  check: (objects: readonly ObjectOf<R>[]) => Answer,
  options: WaitOptions,
): Promise<readonly ObjectOf<R>[]>;
export declare function waitDeleted(
  kube: KubeClient,
  ref: ObjectRef,
  options: WaitOptions & { uid?: string },
): Promise<void>;
/** Polls /readyz, since nothing can be watched before it answers. */
export declare function waitForApiServer(kube: KubeClient, options: WaitOptions): Promise<void>;

export declare function deploymentReady(deployment: Deployment | undefined): Answer;
export declare function statefulSetReady(set: StatefulSet | undefined): Answer;
export declare function daemonSetReady(set: DaemonSet | undefined): Answer;
export declare function jobComplete(job: Job | undefined): Answer;
export declare function podReady(pod: Pod | undefined): Answer;
export declare function nodeReady(node: Node | undefined): Answer;
export declare function crdEstablished(crd: CustomResourceDefinition | undefined): Answer;
