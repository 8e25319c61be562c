import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { conditionOf, type PodObject } from '../cluster/objects.ts';
import { isProof, PROOF_HEADER, proofOf } from '../runtime/peer-proof.ts';
import { viewPath } from './view.ts';
import type { VigilQuestion, Vote } from './vigil.ts';

/** A vote, and from which node it comes. */
export interface CastVote extends Vote {
  readonly from: string;
}

interface WitnessClientOptions {
  readonly ownPod: string;
  readonly port: number;
  /** How long after its vigil a witness may take to answer. */
  readonly graceMs: number;
  /** What all replicas and witnesses know. */
  readonly token: string;
  /** Replicas and witnesses, as the API server lists them. */
  readonly pods: (signal: AbortSignal) => Promise<readonly PodObject[]>;
  readonly signal: AbortSignal;
}

/** Asks the other healer and the witnesses, on other nodes than the one in question, whether they reach it. */
export class WitnessClient {
  readonly #options: WitnessClientOptions;

  constructor(options: WitnessClientOptions) {
    this.#options = options;
  }

  /** The node that this process runs on; undefined where its pod is not listed. @throws Error where the pods cannot be listed */
  async ask(
    question: VigilQuestion,
  ): Promise<{ readonly ownNode?: string; readonly votes: readonly CastVote[] }> {
    const { ownPod, graceMs } = this.#options;
    const deadline = AbortSignal.timeout(question.forMs + graceMs);
    const signal = AbortSignal.any([this.#options.signal, deadline]);
    const pods = await this.#options.pods(signal);
    const own = pods.find((pod) => pod.metadata.name === ownPod)?.spec?.nodeName;
    const others = pods.filter(
      (pod) =>
        pod.metadata.name !== ownPod &&
        pod.spec?.nodeName !== question.node &&
        pod.status?.podIP !== undefined &&
        conditionOf(pod, 'Ready') === 'True',
    );
    const votes = others.map(async ({ spec, status }): Promise<CastVote> => {
      const vote = await this.#askOne(status?.podIP ?? '', question, signal).catch(() => NO_ANSWER);
      return { ...vote, from: spec?.nodeName ?? '' };
    });
    return { ...(own === undefined ? {} : { ownNode: own }), votes: await Promise.all(votes) };
  }

  #askOne(host: string, question: VigilQuestion, signal: AbortSignal): Promise<Vote> {
    const { port, token } = this.#options;
    const path = viewPath(question, randomUUID());
    const headers = { [PROOF_HEADER]: proofOf(token, [path]) };
    return new Promise((resolve, reject) => {
      const request = http.get({ host, port, path, headers, signal, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const shown = response.headers[PROOF_HEADER];
          // Whoever has the address of a witness by now could say that a living node is silent.
          const proven = typeof shown === 'string' && isProof(shown, token, [path, text]);
          resolve(proven ? readVote(text) : NO_ANSWER);
        });
      });
      request.on('error', reject);
    });
  }
}

const NO_ANSWER: Vote = { says: 'unknown', because: 'the witness does not answer' };

function readVote(text: string): Vote {
  try {
    const { says, because } = JSON.parse(text) as { readonly says?: unknown; readonly because?: unknown };
    if (says !== 'alive' && says !== 'silent' && says !== 'refused' && says !== 'unknown') return NO_ANSWER;
    return { says, because: typeof because === 'string' ? because : '' };
  } catch {
    return NO_ANSWER;
  }
}
