import type { Clock, Instant } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { LifeLine } from '../injector.ts';

/** The pause between an answer and the next question. */
const ASK_EVERY_MS = 10;
/** Whoever has not answered for so long is silent; in peace it takes a millisecond or two. */
const SILENT_AFTER_MS = 300;

interface Silence {
  /** The middle of the time in which it began. */
  readonly from: Instant;
  readonly errorMs: number;
  readonly why: string;
}

/** Asks over and over until there is no answer. */
export async function awaitSilence(line: LifeLine, clock: Clock, signal: AbortSignal): Promise<Silence> {
  let lastAnswer = clock.now();
  for (;;) {
    await clock.sleep(ASK_EVERY_MS, signal);
    const asked = clock.now();
    try {
      await line.ask(SILENT_AFTER_MS);
      lastAnswer = clock.now();
    } catch (error) {
      signal.throwIfAborted();
      const halfMs = (asked.monoMs - lastAnswer.monoMs) / 2;
      const from = { monoMs: lastAnswer.monoMs + halfMs, wallMs: lastAnswer.wallMs + halfMs };
      // An answer under way when the fault struck may have left before the question's end: the whole pause is the error.
      return { from, errorMs: halfMs + ASK_EVERY_MS, why: messageOf(error) };
    }
  }
}
