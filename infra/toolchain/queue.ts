import { unlessAborted } from '../../harness/core/unless-aborted.ts';

/** A slot in a queue; whoever has it must leave it in the end. */
export interface QueueSlot {
  /** Resolves when all who joined earlier have left; rejects with the signal's reason when it aborts. */
  turn(signal?: AbortSignal): Promise<void>;
  /** Whether all who joined earlier have left. */
  hasTurn(): boolean;
  /** Lets the next one go on. May be called twice, and before the turn came. */
  leave(): void;
}

/** A queue in which one at a time has its turn, in the order of joining. */
export function createQueue(): { join(): QueueSlot } {
  let allEarlierLeft: Promise<unknown> = Promise.resolve();
  return {
    join() {
      const earlier = allEarlierLeft;
      const { promise: left, resolve: leave } = Promise.withResolvers<undefined>();
      allEarlierLeft = Promise.all([earlier, left]);
      let reached = false;
      void earlier.then(() => (reached = true));
      return {
        hasTurn: () => reached,
        leave: () => leave(undefined),
        turn: async (signal) => {
          await unlessAborted(earlier, signal);
        },
      };
    },
  };
}
