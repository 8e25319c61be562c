import type { MachineInterface, MachineState, ReplaceResult } from '../../infra/machines/protocol.ts';
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

/**
 * The API server as it would be if our writes were made: reads go to the real one, writes stay here. The same code
 * thus takes every decision of a whole treatment, and nothing in the cluster changes.
 */
export class ObserveOnlyApi implements ClusterApi {
  readonly #real: ClusterApi;
  readonly #patches = new Map<string, (readonly PatchOperation[])[]>();
  readonly #deletedPods = new Set<string>();
  readonly #evictedPods = new Set<string>();
  readonly #allowed = new Map<string, Touched>();
  #ledger: Readonly<Record<string, string>> | undefined;

  constructor(real: ClusterApi) {
    this.#real = real;
  }

  /** A node with our unmade writes on it; use it for everything that comes from a watch. */
  show(node: NodeObject): NodeObject {
    const patches = this.#patches.get(node.metadata.uid) ?? [];
    try {
      return patches.reduce<NodeObject>((shown, patch) => applyJsonPatch(shown, patch), node);
    } catch {
      // What we would have written no longer fits what others wrote: they win, as they would have.
      this.#patches.delete(node.metadata.uid);
      return node;
    }
  }

  async readNode(name: string, signal: AbortSignal): Promise<NodeObject | undefined> {
    const node = await this.#real.readNode(name, signal);
    return node === undefined ? undefined : this.show(node);
  }

  async readNodeLease(name: string, signal: AbortSignal): Promise<LeaseObject | undefined> {
    return await this.#real.readNodeLease(name, signal);
  }

  async patchNode(name: string, patch: readonly PatchOperation[], signal: AbortSignal): Promise<NodeObject> {
    const node = await this.#real.readNode(name, signal);
    if (node === undefined) throw new ConflictError(`Node ${name} is gone`);
    const { uid } = node.metadata;
    const wanted = patch.find(({ op, path }) => op === 'test' && path === '/metadata/resourceVersion');
    if (wanted !== undefined && wanted.value !== node.metadata.resourceVersion) {
      throw new ConflictError(`Node ${name} changed in between`);
    }
    // The version moves on by others' writes: what would have been written lies on top of each.
    const ours = patch.filter(({ op }) => op !== 'test');
    this.#patches.set(uid, [...(this.#patches.get(uid) ?? []), ours]);
    return this.show(node);
  }

  deleteNode(): Promise<void> {
    return Promise.resolve();
  }

  async listPodsOnNode(name: string, signal: AbortSignal): Promise<readonly PodObject[]> {
    const pods = await this.#real.listPodsOnNode(name, signal);
    return pods
      .filter((pod) => !this.#deletedPods.has(pod.metadata.uid))
      .map((pod) =>
        this.#evictedPods.has(pod.metadata.uid)
          ? { ...pod, metadata: { ...pod.metadata, deletionTimestamp: 'would be' } }
          : pod,
      );
  }

  async listPodsIn(
    namespace: string,
    labelSelector: string,
    signal: AbortSignal,
  ): Promise<readonly PodObject[]> {
    return await this.#real.listPodsIn(namespace, labelSelector, signal);
  }

  deletePod(pod: PodIdentity): Promise<void> {
    this.#deletedPods.add(pod.uid);
    return Promise.resolve();
  }

  evictPod(pod: PodIdentity): Promise<EvictionAnswer> {
    this.#evictedPods.add(pod.uid);
    return Promise.resolve({ answer: 'evicted' });
  }

  readAllowed(): Promise<readonly Touched[]> {
    return Promise.resolve([...this.#allowed.values()]);
  }

  allow(touched: Touched): Promise<void> {
    this.#allowed.set(touched.uid, touched);
    return Promise.resolve();
  }

  disallow(uid: string): Promise<void> {
    this.#allowed.delete(uid);
    return Promise.resolve();
  }

  async readLedger(signal: AbortSignal): Promise<ConfigMapObject | undefined> {
    const real = await this.#real.readLedger(signal);
    if (this.#ledger === undefined) return real;
    const metadata = real?.metadata ?? { name: 'ledger', uid: 'unmade', resourceVersion: '0' };
    return { metadata, data: this.#ledger };
  }

  async writeLedger(
    _before: ConfigMapObject | undefined,
    data: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ConfigMapObject> {
    this.#ledger = data;
    return (
      (await this.readLedger(signal)) ?? {
        metadata: { name: 'ledger', uid: 'unmade', resourceVersion: '0' },
        data,
      }
    );
  }
}

/** A machine interface that is asked for states and never for deeds. */
export class ObserveOnlyMachines implements MachineInterface {
  readonly #real: MachineInterface;

  constructor(real: MachineInterface) {
    this.#real = real;
  }

  async states(signal: AbortSignal): Promise<ReadonlyMap<string, MachineState>> {
    return await this.#real.states(signal);
  }

  powerOff(node: string): Promise<MachineState> {
    return Promise.resolve({ node, state: 'off', observedAtMs: 0 });
  }

  replace(node: string, attempt: string): Promise<ReplaceResult> {
    return Promise.resolve({ node, replacement: `would-replace-${attempt}` });
  }
}
