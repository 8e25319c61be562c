import { matchesSelector, parseSelector } from '../../harness/core/selectors.ts';
import { ConflictError } from '../cluster/call.ts';
import type { ClusterApi } from '../cluster/cluster-api.ts';
import type { Touched } from '../cluster/own-account.ts';
import type { EvictionAnswer, PodIdentity } from '../cluster/pods.ts';
import { applyJsonPatch } from '../cluster/json-patch.ts';
import type {
  ConfigMapObject,
  LeaseObject,
  NodeObject,
  PatchOperation,
  PodObject,
} from '../cluster/objects.ts';
import type { Send } from './healer-records.ts';

/** The objects that an API server holds. A test gives a method another body to have it answer otherwise. */
export class MemoryServer {
  readonly nodes = new Map<string, NodeObject>();
  readonly leases = new Map<string, LeaseObject>();
  /** By UID. */
  readonly pods = new Map<string, PodObject>();
  ledger: ConfigMapObject | undefined;
  /** What the healer's account names as its to touch, by the UID of the node that is treated. */
  readonly allowed = new Map<string, Touched>();
  /** The resource version of the last write. */
  version = 100;
  readonly #watch: {
    readonly seen: (node: NodeObject) => void;
    readonly deleted: (node: NodeObject) => void;
  };

  constructor(watch: {
    readonly seen: (node: NodeObject) => void;
    readonly deleted: (node: NodeObject) => void;
  }) {
    this.#watch = watch;
  }

  putNode(node: NodeObject): NodeObject {
    const written = { ...node, metadata: { ...node.metadata, resourceVersion: String(++this.version) } };
    this.nodes.set(node.metadata.name, written);
    this.#watch.seen(written);
    return written;
  }

  patchNode(name: string, patch: readonly PatchOperation[]): NodeObject {
    const node = this.nodes.get(name);
    if (node === undefined) throw new ConflictError(`Node ${name} is gone`);
    let patched: NodeObject;
    try {
      patched = applyJsonPatch(node, patch);
    } catch (error) {
      throw new ConflictError(`Node ${name} changed in between`, error);
    }
    return this.putNode(patched);
  }

  deleteNode(name: string): void {
    const node = this.nodes.get(name);
    if (node === undefined) return;
    this.nodes.delete(name);
    this.#watch.deleted(node);
  }

  podsIn(namespace: string, labelSelector: string): readonly PodObject[] {
    const selector = parseSelector(labelSelector);
    return [...this.pods.values()].filter(
      ({ metadata }) => metadata.namespace === namespace && matchesSelector(selector, metadata.labels),
    );
  }

  deletePod({ uid }: PodIdentity): void {
    this.pods.delete(uid);
  }

  evictPod({ uid }: PodIdentity): EvictionAnswer {
    this.pods.delete(uid);
    return { answer: 'evicted' };
  }

  writeLedger(before: ConfigMapObject | undefined, data: Readonly<Record<string, string>>): ConfigMapObject {
    if (before?.metadata.resourceVersion !== this.ledger?.metadata.resourceVersion) {
      throw new ConflictError('the ledger changed in between');
    }
    return this.putLedger(data);
  }

  putLedger(data: Readonly<Record<string, string>>): ConfigMapObject {
    const metadata = { name: 'ledger', uid: 'ledger', resourceVersion: String(++this.version) };
    return (this.ledger = { metadata, data });
  }

  /** @throws Error when there is no such node */
  node(name: string): NodeObject {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }

  isCordoned(name: string): boolean {
    return this.node(name).spec?.unschedulable === true;
  }

  setReady(name: string, status: string): void {
    const node = this.node(name);
    this.putNode({ ...node, status: { ...node.status, conditions: [{ type: 'Ready', status }] } });
  }

  changeMetadata(
    name: string,
    more: Partial<NodeObject['metadata']> & { readonly finalizers?: readonly string[] },
  ): void {
    const node = this.node(name);
    this.putNode({ ...node, metadata: { ...node.metadata, ...more } });
  }

  /** A pod of a ReplicaSet, or a bare one, which nobody makes again. */
  addPod(name: string, nodeName: string, kind: 'owned' | 'bare' = 'owned'): void {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'set', uid: 'set', controller: true };
    this.pods.set(name, {
      metadata: {
        name,
        namespace: 'default',
        uid: name,
        resourceVersion: '1',
        ...(kind === 'owned' ? { ownerReferences: [owner], labels: { app: 'set' } } : {}),
      },
      spec: { nodeName, containers: [] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }
}

export function apiOf(server: MemoryServer, carry: Send): ClusterApi {
  const podsOn = (name: string): readonly PodObject[] =>
    [...server.pods.values()].filter(({ spec }) => spec?.nodeName === name);
  return {
    readNode: (name) => carry('readNode', name, () => server.nodes.get(name)),
    readNodeLease: (name) => carry('readNodeLease', name, () => server.leases.get(name)),
    patchNode: (name, patch) => carry('patchNode', name, () => server.patchNode(name, patch)),
    deleteNode: (name) => carry('deleteNode', name, () => server.deleteNode(name)),
    listPodsOnNode: (name) => carry('listPodsOnNode', name, () => podsOn(name)),
    listPodsIn: (namespace, labelSelector) =>
      carry('listPodsIn', namespace, () => server.podsIn(namespace, labelSelector)),
    deletePod: (pod) => carry('deletePod', pod.name, () => server.deletePod(pod)),
    evictPod: (pod) => carry('evictPod', pod.name, () => server.evictPod(pod)),
    allow: (touched) =>
      carry('allow', touched.node, () => {
        server.allowed.set(touched.uid, touched);
      }),
    disallow: (uid) =>
      carry('disallow', uid, () => {
        server.allowed.delete(uid);
      }),
    readAllowed: () => carry('readAllowed', '', () => [...server.allowed.values()]),
    readLedger: () => carry('readLedger', '', () => server.ledger),
    writeLedger: (before, data) => carry('writeLedger', '', () => server.writeLedger(before, data)),
  };
}
