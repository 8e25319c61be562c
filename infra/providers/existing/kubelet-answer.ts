import { FiredrillError } from '../../../harness/core/errors.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import { podLog } from '../../kube/logs.ts';
import type { Pod } from '../../kube/objects.ts';

/** Through somebody else's API server, which has other work. */
const ASK_EVERY_MS = 100;
const ANSWER_WITHIN_MS = 2_000;

interface Container {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

/**
 * Whether kubelets live, seen with rights that a run has anyway: the API server fetches a container's log from the kubelet of its node,
 * at the moment when it is asked.
 */
export class KubeletAnswers {
  readonly #kube: KubeClient;
  readonly #containers = new Map<string, Container>();
  #askedMonoMs = Number.NEGATIVE_INFINITY;

  constructor(kube: KubeClient) {
    this.#kube = kube;
  }

  /** Resolves when the kubelet at this address has answered; rejects where it has not in time. */
  async ask(address: string): Promise<void> {
    const { clock } = this.#kube;
    const waitMs = this.#askedMonoMs + ASK_EVERY_MS - clock.now().monoMs;
    if (waitMs > 0) await clock.sleep(waitMs);
    this.#askedMonoMs = clock.now().monoMs;
    const known = this.#containers.get(address);
    const container = known ?? (await this.#find(address));
    this.#containers.set(address, container);
    const options = { container: container.container, tailLines: 0, timeoutMs: ANSWER_WITHIN_MS };
    try {
      await podLog(this.#kube, container, options);
    } catch (error) {
      if (!isKubeError(error) || error.status < 400 || error.status >= 500) throw error;
      // The pod is gone, not the kubelet: another one of it is asked for.
      this.#containers.delete(address);
      if (known === undefined) throw error;
      const other = await this.#find(address);
      await podLog(this.#kube, other, { ...options, container: other.container });
    }
  }

  async #find(address: string): Promise<Container> {
    const { items } = await this.#kube.list({
      apiVersion: 'v1',
      kind: 'Pod',
      fieldSelector: 'status.phase=Running',
    } as const);
    const found = items.flatMap((pod) => runningOn(pod, address));
    // Pods of the system outlive what is being drilled.
    const [best] = found.toSorted((a, b) => Number(isSystem(b)) - Number(isSystem(a)));
    if (best !== undefined) return best;
    throw new FiredrillError('existing.no-witness', `no pod runs on the node at ${address}`, {
      hint: 'its kubelet is asked for the log of one, to see whether it lives',
    });
  }
}

function isSystem({ namespace }: Container): boolean {
  return namespace.startsWith('kube-');
}

function runningOn({ metadata, status }: Pod, address: string): readonly Container[] {
  const container = status?.containerStatuses?.find(({ state }) => state?.running !== undefined)?.name;
  if (status?.hostIP !== address || container === undefined || metadata?.deletionTimestamp !== undefined)
    return [];
  return [{ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '', container }];
}
