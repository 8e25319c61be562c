import { KubeError } from '../../../infra/kube/errors.ts';
import type { ClusterApi } from '../../cluster/cluster-api.ts';
import type { Touched } from '../../cluster/own-account.ts';
import type { EvictionAnswer, PodIdentity } from '../../cluster/pods.ts';
import type {
  ConfigMapObject,
  LeaseObject,
  NodeObject,
  PatchOperation,
  PodObject,
} from '../../cluster/objects.ts';
import { Connection, denied } from './sim-connection.ts';

/** The API server as one healer reaches it. */
export class SimApi extends Connection implements ClusterApi {
  readonly #cut = (): boolean => this.line.apiCut;

  async readNode(name: string): Promise<NodeObject | undefined> {
    return await this.#read('readNode', () => this.cluster.nodes.get(name));
  }

  async readNodeLease(name: string): Promise<LeaseObject | undefined> {
    return await this.#read('readNodeLease', () => this.cluster.leases.get(name));
  }

  async patchNode(name: string, patch: readonly PatchOperation[]): Promise<NodeObject> {
    const leading = this.line.leading();
    if (this.cluster.machines.get(name)?.admission === 'hangs') {
      this.referee.calls.sent(this.line, 'patchNode', true);
      return await this.hang();
    }
    return await this.#change('patchNode', () => {
      this.line.beforePatch(name);
      if (this.cluster.machines.get(name)?.admission === 'denies') throw denied('an admission webhook');
      const before = this.cluster.nodes.get(name);
      const after = this.cluster.patchNode(name, patch);
      this.referee.patched(this.line.healer, leading, before, after);
      return after;
    });
  }

  async deleteNode(name: string, uid: string): Promise<void> {
    const leading = this.line.leading();
    await this.#change('deleteNode', () => {
      const node = this.cluster.nodes.get(name);
      if (node !== undefined && node.metadata.uid === uid)
        this.referee.nodeDeleted(this.line.healer, leading, node);
      this.cluster.deleteNode(name, uid);
    });
  }

  async listPodsOnNode(name: string): Promise<readonly PodObject[]> {
    return await this.#read('listPodsOnNode', () => this.cluster.podsOn(name));
  }

  async listPodsIn(namespace: string): Promise<readonly PodObject[]> {
    return await this.#read('listPodsIn', () =>
      this.cluster.cachedPods().filter((pod) => pod.metadata.namespace === namespace),
    );
  }

  async deletePod(pod: PodIdentity): Promise<void> {
    const leading = this.line.leading();
    await this.#change('deletePod', () => {
      const found = this.cluster.pods.get(pod.uid);
      if (found === undefined) return;
      this.referee.podDeleted(this.line.healer, leading, found);
      this.#mustBeAllowed(({ node }) => node === found.spec?.nodeName);
      this.cluster.deletePod(pod.uid);
    });
  }

  async evictPod(pod: PodIdentity): Promise<EvictionAnswer> {
    const leading = this.line.leading();
    return await this.#change('evictPod', (): EvictionAnswer => {
      const found = this.cluster.pods.get(pod.uid);
      if (found === undefined) return { answer: 'gone' };
      this.referee.drains.asked(this.line.healer, leading, found);
      this.#mustBeAllowed(({ namespaces }) => namespaces.includes(pod.namespace));
      const protectedBy = this.cluster.protectionOf(found);
      if (protectedBy === 'two-budgets') {
        const message = 'This pod has more than one PodDisruptionBudget';
        throw new KubeError('kube.http-500', message, { status: 500, reason: 'InternalError' });
      }
      if (protectedBy === 'budget')
        return {
          answer: 'refused',
          message: "Cannot evict pod as it would violate the pod's disruption budget",
        };
      this.referee.drains.goes(this.line.healer, found);
      this.cluster.endPod(pod.uid);
      return { answer: 'evicted' };
    });
  }

  async readAllowed(): Promise<readonly Touched[]> {
    return await this.#read('readAllowed', () => [...this.cluster.allowed.values()]);
  }

  async allow(touched: Touched): Promise<void> {
    await this.#change('allow', () => this.cluster.allowed.set(touched.uid, touched));
  }

  async disallow(uid: string): Promise<void> {
    await this.#change('disallow', () => this.cluster.allowed.delete(uid));
  }

  async readLedger(): Promise<ConfigMapObject | undefined> {
    return await this.#read('readLedger', () => this.cluster.ledger);
  }

  async writeLedger(
    before: ConfigMapObject | undefined,
    data: Readonly<Record<string, string>>,
  ): Promise<ConfigMapObject> {
    return await this.#change('writeLedger', () => this.cluster.writeLedger(before, data));
  }

  #mustBeAllowed(by: (touched: Touched) => boolean): void {
    if (![...this.cluster.allowed.values()].some(by)) throw denied('the policy of treatments');
  }

  async #read<T>(what: string, answer: () => T): Promise<T> {
    return await this.#send(what, false, answer);
  }

  async #change<T>(what: string, carryOut: () => T): Promise<T> {
    return await this.#send(what, true, carryOut);
  }

  async #send<T>(what: string, change: boolean, carryOut: () => T): Promise<T> {
    const { line, cluster } = this;
    const failure = cluster.random.chance(line.failures) ? cluster.random.pick(line.failureKinds) : undefined;
    return await this.request({ what, change, failure }, this.#cut, carryOut);
  }
}
