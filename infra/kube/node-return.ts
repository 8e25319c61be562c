import type { KubeClient } from './client.ts';
import { nodeReady } from './readiness.ts';
import { waitForObject, type WaitOptions } from './wait.ts';

/**
 * Whether a node that was started again is back. Its Ready condition alone does not tell: for about 50 s after a loss
 * Kubernetes goes on showing what the kubelet said last. A kubelet that lives renews its lease, the first time as it
 * starts.
 */
export class NodeReturn {
  readonly #kube: KubeClient;

  constructor(kube: KubeClient) {
    this.#kube = kube;
  }

  /** When the node's kubelet renewed its lease last; undefined where it never has. */
  async lastRenewal(node: string, signal: AbortSignal): Promise<string | undefined> {
    return (await this.#kube.find(leaseOf(node), { signal }))?.spec?.renewTime;
  }

  /**
   * Resolves when its kubelet has renewed the lease since `lastRenewal` and Kubernetes calls the node Ready.
   *
   * @throws FiredrillError `kube.wait-timeout`
   */
  async awaitReady(node: string, lastRenewal: string | undefined, options: WaitOptions): Promise<void> {
    await waitForObject(
      this.#kube,
      leaseOf(node),
      (lease) => {
        const renewTime = lease?.spec?.renewTime;
        if (renewTime !== undefined && renewTime !== lastRenewal) return true;
        return `its kubelet has not renewed the lease since ${lastRenewal ?? 'it was made'}`;
      },
      { ...options, what: `node ${node} to be heard from` },
    );
    await waitForObject(this.#kube, { apiVersion: 'v1', kind: 'Node', name: node }, nodeReady, options);
  }
}

function leaseOf(node: string) {
  const namespace = 'kube-node-lease';
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: node } as const;
}
