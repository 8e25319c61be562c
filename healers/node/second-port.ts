import type { Clock } from '../../harness/core/clock.ts';
import type { NodeObject } from '../cluster/objects.ts';
import type { UrlAnswer } from '../witness/vigil.ts';
import { kubeletAddress } from './observe.ts';
import { QuestionLine } from './question-line.ts';

const ASK_AGAIN_MS = 60_000;
const AT_ONCE = 16;
/** One miss may be the very loss that it is to be a witness of. */
const MISSES = 2;

interface SecondPortOptions {
  readonly port: number;
  readonly clock: Clock;
  readonly ask: (url: string) => Promise<UrlAnswer>;
}

/** Which nodes answer HTTP at a second port: asked once a minute, while they are well. What never answered is no witness of silence. */
export class SecondPort {
  readonly #options: SecondPortOptions;
  readonly #line = new QuestionLine(AT_ONCE);
  readonly #known = new Map<string, { readonly askedMs: number; misses: number }>();

  constructor(options: SecondPortOptions) {
    this.#options = options;
  }

  /** Where it has answered; undefined where it never did, or does no longer. */
  url(node: NodeObject): string | undefined {
    const { misses = MISSES } = this.#known.get(node.metadata.uid) ?? {};
    return misses < MISSES ? this.#urlOf(node) : undefined;
  }

  /** Asks those of the nodes that were not asked for a while, and forgets whoever is not among them. */
  see(nodes: readonly NodeObject[]): void {
    const { monoMs } = this.#options.clock.now();
    const uids = new Set(nodes.map(({ metadata }) => metadata.uid));
    for (const uid of this.#known.keys()) if (!uids.has(uid)) this.#known.delete(uid);
    for (const node of nodes) {
      const { uid } = node.metadata;
      const before = this.#known.get(uid);
      if (before !== undefined && monoMs - before.askedMs < ASK_AGAIN_MS) continue;
      const url = this.#urlOf(node);
      if (url === undefined) continue;
      const now = { askedMs: monoMs, misses: before?.misses ?? MISSES };
      this.#known.set(uid, now);
      void this.#line
        .take(false, async () => await this.#options.ask(url))
        .then((answer) => (now.misses = answer === 'answered' ? 0 : now.misses + 1));
    }
  }

  #urlOf(node: NodeObject): string | undefined {
    const at = kubeletAddress(node);
    return at === undefined ? undefined : `http://${urlHost(at.address)}:${this.#options.port}/healthz`;
  }
}

/** Where a node's kubelet answers. */
export function kubeletUrl(node: NodeObject): string | undefined {
  const at = kubeletAddress(node);
  return at === undefined ? undefined : `https://${urlHost(at.address)}:${at.port}/healthz`;
}

function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
