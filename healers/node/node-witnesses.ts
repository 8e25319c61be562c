import type { Clock } from '../../harness/core/clock.ts';
import type { NodeObject } from '../cluster/objects.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { askUrl } from '../witness/ask-url.ts';
import type { CastVote, WitnessClient } from '../witness/client.ts';
import { lookAt } from '../witness/look.ts';
import type { VigilQuestion } from '../witness/vigil.ts';
import type { Testimony } from './facts.ts';
import type { ObservedNodes } from './observed-nodes.ts';
import { kubeletUrl, SecondPort } from './second-port.ts';
import { testimonyOf } from './witnesses.ts';

/** Of so many other nodes a witness is to show that it reaches them. */
const CONTROLS = 20;
const NOBODY: Awaited<ReturnType<WitnessClient['ask']>> = { votes: [] };

interface NodeWitnessesOptions {
  readonly policy: NodePolicy;
  readonly clock: Clock;
  readonly client: WitnessClient;
  readonly observed: () => ObservedNodes;
  /** Called when this process's own vigil has heard a node. */
  readonly heard: (node: string) => void;
  readonly signal: AbortSignal;
}

/** Puts the questions about a node to the witnesses and to this process itself. */
export class NodeWitnesses {
  readonly #options: NodeWitnessesOptions;
  readonly #secondPort: SecondPort;

  constructor(options: NodeWitnessesOptions) {
    this.#options = options;
    const { policy, clock, signal } = options;
    this.#secondPort = new SecondPort({
      ...{ port: policy.secondPort, clock },
      ask: async (url) =>
        await askUrl(url, AbortSignal.any([signal, AbortSignal.timeout(policy.kubeletTimeoutMs)])),
    });
  }

  seeSecondPorts(): void {
    const observed = this.#options.observed();
    this.#secondPort.see(this.#nodes().filter((node) => observed.facts(node).kubelet.failuresInRow === 0));
  }

  /** What others see of a node that the lease speaks against: as many questions as we asked ourselves. */
  async briefly(name: string): Promise<readonly CastVote[]> {
    const { policy, client } = this.#options;
    const node = this.#options.observed().node(name);
    const url = node === undefined ? undefined : kubeletUrl(node);
    if (url === undefined) return [];
    const forMs = policy.kubeletTimeoutMs + (policy.kubeletFailures - 1) * policy.burstProbeEveryMs;
    return (await client.ask({ node: name, at: [url], others: [], forMs })).votes;
  }

  /**
   * Has a node looked at for as long as a silence has to last, from here and, where it has a second port that was known to answer, by the
   * witnesses: an answer that only we hear, however late, ends the silence.
   */
  async look(name: string): Promise<Testimony | undefined> {
    const { policy, client, clock, heard, signal } = this.#options;
    const about = this.#options.observed().node(name);
    const url = about === undefined ? undefined : kubeletUrl(about);
    if (about === undefined || url === undefined) return undefined;
    const second = this.#secondPort.url(about);
    const at = second === undefined ? [url] : [url, second];
    const question: VigilQuestion = {
      node: name,
      at,
      others: this.#controls(about),
      forMs: policy.silenceMs,
    };
    const looking = lookAt(clock)(question, signal);
    const hearing = looking.then(({ says }) => {
      if (says === 'alive') heard(name);
    });
    const asking = second === undefined ? NOBODY : client.ask(question);
    const [own, { ownNode, votes }] = await Promise.all([looking, asking, hearing]);
    // From the node itself it is seen in another way than others see it.
    const isApart = ownNode !== undefined && ownNode !== name;
    return testimonyOf(isApart ? [{ ...own, from: ownNode }, ...votes] : votes, about, this.#nodes());
  }

  /** Those that a machine interface does not say to be off, at random. */
  #controls(about: NodeObject): readonly string[] {
    const observed = this.#options.observed();
    return this.#nodes()
      .filter((node) => node !== about && observed.facts(node).machine?.state !== 'off')
      .flatMap((node) => kubeletUrl(node) ?? [])
      .map((url) => ({ url, order: Math.random() }))
      .sort((one, other) => one.order - other.order)
      .slice(0, CONTROLS)
      .map(({ url }) => url);
  }

  #nodes(): readonly NodeObject[] {
    const observed = this.#options.observed();
    return observed.names().flatMap((name) => observed.node(name) ?? []);
  }
}
