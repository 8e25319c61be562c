import type { Duplex } from 'node:stream';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { KubeClient } from './client.ts';
import { isNotFound } from './errors.ts';
import type { PodRef } from './logs.ts';
import { portForward } from './port-forward.ts';

/** The pods of a cluster whose network does not reach to here: every connection goes through the API server. */
export class PodNetwork {
  readonly #kube: KubeClient;
  /** Addresses are given to other pods later: an entry that leads nowhere is looked up again. */
  readonly #pods = new Map<string, PodRef>();

  constructor(kube: KubeClient) {
    this.#kube = kube;
  }

  /** @throws FiredrillError `existing.no-route` where no pod has the address */
  async connect(address: string, port: number): Promise<Duplex> {
    const known = this.#pods.get(address);
    if (known !== undefined) {
      try {
        return await portForward(this.#kube, known, port);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        this.#pods.delete(address);
      }
    }
    const pod = await this.#find(address);
    this.#pods.set(address, pod);
    return await portForward(this.#kube, pod, port);
  }

  async #find(address: string): Promise<PodRef> {
    const { items } = await this.#kube.list({
      apiVersion: 'v1',
      kind: 'Pod',
      fieldSelector: `status.podIP=${address}`,
    } as const);
    // A pod that has ended keeps its address on paper.
    const pod = items.find(({ status }) => status?.phase === 'Running');
    const { namespace, name } = pod?.metadata ?? {};
    if (namespace !== undefined && name !== undefined) return { namespace, name };
    throw new FiredrillError('existing.no-route', `no running pod has the address ${address}`, {
      hint: 'from here only pods are reached, through the API server',
    });
  }
}
