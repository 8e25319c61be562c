import type { ClusterApi, EventBody } from './cluster-api.ts';

const LIMIT = 500;

/** Sends Events one after another beside the work: a slow API server must not hold up healing. */
export class EventQueue {
  readonly #api: Pick<ClusterApi, 'createEvent'>;
  readonly #signal: AbortSignal;
  readonly #onLost: (reason: string) => void;
  readonly #waiting: EventBody[] = [];
  #sending: Promise<void> | undefined;

  constructor(
    api: Pick<ClusterApi, 'createEvent'>,
    signal: AbortSignal,
    /** Called for each Event that could not be delivered. */
    onLost: (reason: string) => void,
  ) {
    this.#api = api;
    this.#signal = signal;
    this.#onLost = onLost;
  }

  push(event: EventBody): void {
    if (this.#waiting.length >= LIMIT) {
      this.#waiting.shift();
      this.#onLost('queue full');
    }
    this.#waiting.push(event);
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
    });
  }

  async #drain(): Promise<void> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event === undefined || this.#signal.aborted) return;
      try {
        await this.#api.createEvent(event, this.#signal);
      } catch (error) {
        this.#onLost(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
