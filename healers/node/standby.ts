import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { Clock } from '../../harness/core/clock.ts';
import { conditionOf, type PodObject } from '../cluster/objects.ts';
import { isProof, PROOF_HEADER, proofOf } from '../runtime/peer-proof.ts';
import type { StandbyView } from './facts.ts';
import type { KubeletAnswer } from './kubelet-prober.ts';

/** What one healer tells the other about a node. */
export interface NodeViewAnswer {
  readonly node: string;
  readonly says: 'alive' | 'silent' | 'unknown';
}

interface StandbyViewsOptions {
  readonly clock: Clock;
  /** Asks the other healers. */
  readonly ask: (node: string) => Promise<StandbyView['says']>;
  /** Called when an answer about a node has come. */
  readonly onAnswer: (node: string) => void;
  readonly signal: AbortSignal;
}

const ASK_AGAIN_MS = 800;

/** What other healers said last of each node, and one question at a time about it. */
export class StandbyViews {
  readonly #options: StandbyViewsOptions;
  readonly #views = new Map<string, { readonly says: StandbyView['says']; readonly atMs: number }>();
  readonly #asking = new Set<string>();

  constructor(options: StandbyViewsOptions) {
    this.#options = options;
  }

  view(node: string): StandbyView | undefined {
    const view = this.#views.get(node);
    return view === undefined
      ? undefined
      : { says: view.says, ageMs: this.#options.clock.now().monoMs - view.atMs };
  }

  /** Begins to ask unless a question about the node is under way, or was answered just now. */
  ask(node: string): void {
    if (this.#asking.has(node) || (this.view(node)?.ageMs ?? Infinity) < ASK_AGAIN_MS) return;
    this.#asking.add(node);
    const { ask, clock, onAnswer, signal } = this.#options;
    void ask(node)
      .catch((): StandbyView['says'] => 'unknown')
      .then((says) => {
        this.#asking.delete(node);
        this.#views.set(node, { says, atMs: clock.now().monoMs });
        if (!signal.aborted) onAnswer(node);
      });
  }
}

interface StandbyClientOptions {
  readonly ownPod: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** What all replicas know. */
  readonly token: string;
  /** The healer's pods, as the API server lists them. */
  readonly pods: (signal: AbortSignal) => Promise<readonly PodObject[]>;
  readonly signal: AbortSignal;
}

/** Asks another healer, on another node than the one in question, whether it reaches a kubelet. */
export class StandbyClient {
  readonly #options: StandbyClientOptions;

  constructor(options: StandbyClientOptions) {
    this.#options = options;
  }

  /** @throws Error where the healer's pods cannot be listed */
  async ask(node: string): Promise<StandbyView['says']> {
    const signal = AbortSignal.any([this.#options.signal, AbortSignal.timeout(this.#options.timeoutMs)]);
    const pods = await this.#options.pods(signal);
    const others = pods.filter(
      (pod) =>
        pod.metadata.name !== this.#options.ownPod &&
        pod.spec?.nodeName !== node &&
        pod.status?.podIP !== undefined &&
        conditionOf(pod, 'Ready') === 'True',
    );
    if (others.length === 0) return 'nobody';
    const answers = await Promise.all(
      others.map(
        async (pod) =>
          await this.#askOne(pod.status?.podIP ?? '', node, signal).catch(() => 'unknown' as const),
      ),
    );
    // One healer that hears the kubelet outweighs any number that do not.
    if (answers.includes('alive')) return 'alive';
    return answers.includes('silent') ? 'silent' : 'unknown';
  }

  #askOne(host: string, node: string, signal: AbortSignal): Promise<StandbyView['says']> {
    const { port, token } = this.#options;
    const path = `/view/${node}?nonce=${randomUUID()}`;
    const headers = { [PROOF_HEADER]: proofOf(token, [path]) };
    return new Promise((resolve, reject) => {
      const request = http.get({ host, port, path, headers, signal }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const shown = response.headers[PROOF_HEADER];
          // Whoever has the address of a healer by now could say that a living node is silent.
          const proven = typeof shown === 'string' && isProof(shown, token, [path, text]);
          resolve(proven ? readSays(text) : 'unknown');
        });
      });
      request.on('error', reject);
    });
  }
}

/** Looks at a kubelet anew for the other healer: the same number of questions as it asked itself, close together. */
export async function freshView(
  ask: () => Promise<KubeletAnswer>,
  questions: number,
  everyMs: number,
  clock: Clock,
): Promise<NodeViewAnswer['says']> {
  const answers = await Promise.all(
    Array.from({ length: questions }, async (_, index) => {
      if (index > 0) await clock.sleep(index * everyMs);
      return await ask();
    }),
  );
  if (answers.includes('answered')) return 'alive';
  return answers.every((answer) => answer === 'silent') ? 'silent' : 'unknown';
}

function readSays(text: string): StandbyView['says'] {
  try {
    const { says } = JSON.parse(text) as { readonly says?: unknown };
    return says === 'alive' || says === 'silent' ? says : 'unknown';
  } catch {
    return 'unknown';
  }
}
