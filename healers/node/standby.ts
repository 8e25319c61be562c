import type { Clock } from '../../harness/core/clock.ts';
import type { Vote } from '../witness/vigil.ts';
import type { StandbyView } from './facts.ts';

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

/** What the votes of others about a kubelet amount to: one that hears it outweighs any number that do not, and one that is refused does not hear it. */
export function standbySays(votes: readonly Vote[]): StandbyView['says'] {
  if (votes.length === 0) return 'nobody';
  const words = votes.map(({ says }) => says);
  if (words.includes('alive')) return 'alive';
  return words.includes('silent') || words.includes('refused') ? 'silent' : 'unknown';
}
