import type { Clock } from '../core/clock.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import type { StopCondition } from '../core/owner/policy.ts';
import {
  describeStop,
  StopConditionTracker,
  type StopReading,
  type StopReason,
} from '../core/owner/stop-condition.ts';

/** Looks at conditions once; rejects only where the signal aborts. */
export type ReadStopConditions = (
  conditions: readonly StopCondition[],
  signal: AbortSignal,
) => Promise<readonly StopReading[]>;

const LOOK_EVERY_MS = 1_000;

/** The reason of a trial's signal when a stop condition has ended it. */
export class StopError extends FiredrillError {
  constructor(reason: StopReason) {
    super('trial.stopped', describeStop(reason));
    this.name = 'StopError';
  }
}

/** Looks at the stop conditions once a second, and says once when the trial has to end. */
export class StopWatch implements AsyncDisposable {
  readonly #end = new AbortController();
  readonly #done: Promise<void>;

  constructor(options: {
    readonly conditions: readonly StopCondition[];
    readonly read: ReadStopConditions;
    readonly clock: Clock;
    readonly onStop: (reason: StopReason) => void;
  }) {
    this.#done = this.#watch(options).catch((error: unknown) => {
      if (this.#end.signal.aborted) return;
      // A watch that has broken down sees nothing any more.
      const condition = options.conditions.map(({ name }) => name).join(', ');
      options.onStop({ condition, state: 'unreadable', detail: messageOf(error) });
    });
  }

  async #watch({
    conditions,
    read,
    clock,
    onStop,
  }: ConstructorParameters<typeof StopWatch>[0]): Promise<void> {
    const { signal } = this.#end;
    const tracker = new StopConditionTracker(clock.now().monoMs, conditions);
    for (;;) {
      const reason = tracker.update(await read(conditions, signal), clock.now().monoMs);
      signal.throwIfAborted();
      if (reason !== undefined) {
        onStop(reason);
        return;
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error('the trial is over'));
    await this.#done;
  }
}
