import type { Clock } from '../../harness/core/clock.ts';
import { given } from '../../harness/core/given.ts';
import type { NodeObject } from '../cluster/objects.ts';
import type { CastVote } from '../witness/client.ts';
import type { Testimony, WitnessView } from './facts.ts';
import { zoneOf } from './observe.ts';

const FEWEST = 2;
const MOST = 3;

/** What the votes about a node amount to: one for each node that a witness looks from, as many as there are other nodes to look from. */
export function testimonyOf(
  votes: readonly CastVote[],
  about: NodeObject,
  nodes: readonly NodeObject[],
): Testimony {
  const others = nodes.filter((node) => node.metadata.name !== about.metadata.name && takesPods(node));
  const silent = new Set(votes.filter(({ says }) => says === 'silent').map(({ from }) => from));
  const isElsewhere = (node: NodeObject): boolean => zoneOf(node) !== zoneOf(about);
  const elsewhere = others.filter(isElsewhere);
  const unsure = votes.find(({ says }) => says === 'unknown' || says === 'refused');
  return {
    alive: votes.some(({ says }) => says === 'alive'),
    silent: silent.size,
    needed: Math.min(MOST, Math.max(FEWEST, others.length)),
    elsewhere: elsewhere.length === 0 || elsewhere.some(({ metadata }) => silent.has(metadata.name)),
    ...given({ doubt: unsure && `${unsure.from}: ${unsure.because}` }),
  };
}

/** Whether a witness could run there. */
function takesPods({ spec }: NodeObject): boolean {
  const keepsOut = spec?.taints?.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
  return spec?.unschedulable !== true && keepsOut !== true;
}

interface WitnessesOptions {
  readonly clock: Clock;
  /** About so many nodes they are asked at once: where more are silent, none of them is fenced alone. */
  readonly atOnce: number;
  readonly look: (node: string) => Promise<Testimony | undefined>;
  /** Called when the testimony about a node has come. */
  readonly onAnswer: (node: string) => void;
  readonly signal: AbortSignal;
}

const ASK_AGAIN_MS = 500;

/** What witnesses said last of each node, and one question at a time about it. */
export class Witnesses {
  readonly #options: WitnessesOptions;
  readonly #last = new Map<
    string,
    { readonly said: Testimony | undefined; readonly askedMs: number; readonly atMs: number }
  >();
  readonly #asking = new Set<string>();

  constructor(options: WitnessesOptions) {
    this.#options = options;
  }

  view(node: string): WitnessView | undefined {
    const last = this.#last.get(node);
    if (last?.said === undefined) return undefined;
    const { monoMs } = this.#options.clock.now();
    return { ...last.said, ageMs: monoMs - last.atMs, askedAgoMs: monoMs - last.askedMs };
  }

  ask(node: string): void {
    const { look, clock, onAnswer, signal, atOnce } = this.#options;
    if (this.#asking.has(node) || this.#asking.size >= atOnce) return;
    const askedMs = clock.now().monoMs;
    // Also where nobody could be asked: whoever looks again at once would ask again at once.
    if (askedMs - (this.#last.get(node)?.atMs ?? -Infinity) < ASK_AGAIN_MS) return;
    this.#asking.add(node);
    void look(node)
      .catch(() => undefined)
      .then((said) => {
        this.#asking.delete(node);
        this.#last.set(node, { said, askedMs, atMs: clock.now().monoMs });
        if (!signal.aborted) onAnswer(node);
      });
  }
}
