import type { KubeClient } from '../../infra/kube/client.ts';
import { isKubeError } from '../../infra/kube/errors.ts';
import { FiredrillError } from '../../harness/core/errors.ts';
import { ConflictError } from './cluster-api.ts';
import type { ClusterApi, EventBody, EvictionAnswer, PodIdentity } from './cluster-api.ts';
import type { ConfigMapObject, LeaseObject, NodeObject, PatchOperation, PodObject } from './objects.ts';
import { LEDGER } from './permissions.ts';

const REQUEST_TIMEOUT_MS = 2000;
const NODE_LEASES = 'kube-node-lease';

/** The healer's questions and writes over a KubeClient. */
export class KubeApi implements ClusterApi {
  readonly #kube: KubeClient;
  readonly #namespace: string;
  readonly #instance: string;

  constructor(kube: KubeClient, namespace: string, instance: string) {
    this.#kube = kube;
    this.#namespace = namespace;
    this.#instance = instance;
  }

  async readNode(name: string, signal: AbortSignal): Promise<NodeObject | undefined> {
    const found = await this.#kube.find({ apiVersion: 'v1', kind: 'Node', name }, call(signal));
    return found === undefined ? undefined : (complete(found) as NodeObject);
  }

  async readNodeLease(name: string, signal: AbortSignal): Promise<LeaseObject | undefined> {
    const ref = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: NODE_LEASES,
      name,
    } as const;
    const found = await this.#kube.find(ref, call(signal));
    return found === undefined ? undefined : (complete(found) as LeaseObject);
  }

  async patchNode(name: string, patch: readonly PatchOperation[], signal: AbortSignal): Promise<NodeObject> {
    const ref = { apiVersion: 'v1', kind: 'Node', name } as const;
    const written = await conflicts(`Node ${name}`, () => this.#kube.jsonPatch(ref, patch, call(signal)));
    return complete(written) as NodeObject;
  }

  async deleteNode(name: string, uid: string, signal: AbortSignal): Promise<void> {
    const ref = { apiVersion: 'v1', kind: 'Node', name } as const;
    await conflicts(`Node ${name}`, () =>
      goneIsDone(this.#kube.delete(ref, { ...call(signal), preconditions: { uid } })),
    );
  }

  async listPodsOnNode(name: string, signal: AbortSignal): Promise<readonly PodObject[]> {
    const selection = { apiVersion: 'v1', kind: 'Pod', fieldSelector: `spec.nodeName=${name}` } as const;
    const { items } = await this.#kube.list(selection, call(signal));
    return items.map((item) => complete(item) as PodObject);
  }

  async listPodsIn(namespace: string, signal: AbortSignal): Promise<readonly PodObject[]> {
    const selection = { apiVersion: 'v1', kind: 'Pod', namespace } as const;
    const { items } = await this.#kube.list(selection, { ...call(signal), resourceVersion: '0' });
    return items.map((item) => complete(item) as PodObject);
  }

  async listOwnPods(labelSelector: string, signal: AbortSignal): Promise<readonly PodObject[]> {
    const selection = { apiVersion: 'v1', kind: 'Pod', namespace: this.#namespace, labelSelector } as const;
    const { items } = await this.#kube.list(selection, { ...call(signal), resourceVersion: '0' });
    return items.map((item) => complete(item) as PodObject);
  }

  async deletePod(pod: PodIdentity, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const preconditions = { uid: pod.uid };
    try {
      await goneIsDone(
        this.#kube.deletePod(pod, { ...call(signal), gracePeriodSeconds: graceSeconds, preconditions }),
      );
    } catch (error) {
      // Another pod has the name now: the one that was meant is gone.
      if (isKubeError(error) && error.status === 409) return;
      throw error;
    }
  }

  async evictPod(pod: PodIdentity, signal: AbortSignal): Promise<EvictionAnswer> {
    try {
      await this.#kube.evict(pod, { ...call(signal), uid: pod.uid });
      return { answer: 'evicted' };
    } catch (error) {
      if (!isKubeError(error)) throw error;
      if (error.status === 404 || error.status === 409) return { answer: 'gone' };
      if (error.status === 429) return { answer: 'refused', message: error.message };
      throw error;
    }
  }

  async readLedger(signal: AbortSignal): Promise<ConfigMapObject | undefined> {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: this.#namespace, name: LEDGER } as const;
    const found = await this.#kube.find(ref, call(signal));
    return found === undefined ? undefined : (complete(found) as ConfigMapObject);
  }

  async writeLedger(
    before: ConfigMapObject | undefined,
    data: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ConfigMapObject> {
    const metadata = {
      name: LEDGER,
      namespace: this.#namespace,
      ...(before === undefined
        ? {}
        : { uid: before.metadata.uid, resourceVersion: before.metadata.resourceVersion }),
    };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { ...data } };
    const written = await conflicts(`ConfigMap ${LEDGER}`, () =>
      before === undefined
        ? this.#kube.create(object, call(signal))
        : this.#kube.replace(object, call(signal)),
    );
    return complete(written) as ConfigMapObject;
  }

  async createEvent(event: EventBody, signal: AbortSignal): Promise<void> {
    const { apiVersion, kind, name, uid } = event.regarding;
    await this.#kube.createEvent(
      {
        regarding: { apiVersion, kind, metadata: { name, uid } },
        type: event.type,
        reason: event.reason,
        action: event.action,
        note: event.message,
        reportingController: 'firedrill.dev/healer',
        reportingInstance: this.#instance,
      },
      call(signal),
    );
  }
}

function call(signal: AbortSignal): { readonly signal: AbortSignal; readonly timeoutMs: number } {
  return { signal, timeoutMs: REQUEST_TIMEOUT_MS };
}

/** An object as the server stores it always has these three; the generated types leave them open. */
function complete(object: { readonly metadata?: unknown }): unknown {
  const metadata = object.metadata as
    { name?: unknown; uid?: unknown; resourceVersion?: unknown } | undefined;
  if (metadata?.name === undefined || metadata.uid === undefined || metadata.resourceVersion === undefined) {
    throw new FiredrillError(
      'healer.incomplete-object',
      'the API server sent an object without name, uid or resourceVersion',
    );
  }
  return object;
}

/** 409 and the 422 of a failed JSON Patch test mean the same: the object is not what it was. */
async function conflicts<T>(what: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isKubeError(error) && (error.status === 409 || error.status === 422)) {
      throw new ConflictError(`${what} changed in between`, error);
    }
    throw error;
  }
}

async function goneIsDone(deletion: Promise<void>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!isKubeError(error) || error.status !== 404) throw error;
  }
}
