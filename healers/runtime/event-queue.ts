import type { EventNote } from '../../infra/kube/client.ts';

/** A Kubernetes Event about an object, whoever reports it. */
export type EventBody = Omit<EventNote, 'reportingController' | 'reportingInstance'>;

const LIMIT = 500;

/** Sends Events one after another beside the work: a slow API server must not hold up healing. */
export class EventQueue {
  readonly #create: (event: EventBody, signal: AbortSignal) => Promise<void>;
  readonly #signal: AbortSignal;
  readonly #onLost: (reason: string) => void;
  readonly #waiting: EventBody[] = [];
  #sending: Promise<void> | undefined;

  constructor(
    create: (event: EventBody, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
    /** Called for each Event that could not be delivered. */
    onLost: (reason: string) => void,
  ) {
    this.#create = create;
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
        await this.#create(event, this.#signal);
      } catch (error) {
        this.#onLost(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
