import type { Clock, Instant } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { Evidence, FaultContext, LivenessConnection, Witness } from '../injector.ts';

/** How long the first answer, in peace, may take. */
const CONNECT_WITHIN_MS = 2_000;
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

/**
 * Watches `who` over `line` from the first answer until there is none. Silence alone is no proof of a fault: `confirm` resolves
 * with what else has been observed then, and tells meanwhile what was seen last.
 */
export async function silenceWitness(
  who: string,
  line: LivenessConnection,
  { clock, signal }: Pick<FaultContext, 'clock' | 'signal'>,
  confirm: (
    why: string,
    see: (text: string) => void,
    signal: AbortSignal,
  ) => Promise<Pick<Evidence, 'observer' | 'observation'>>,
): Promise<Witness> {
  const stop = new AbortController();
  const watched = AbortSignal.any([stop.signal, signal]);
  let seen = `${who} answers`;
  try {
    await line.ask(CONNECT_WITHIN_MS);
  } catch (error) {
    line.close();
    throw error;
  }
  const proof = (async (): Promise<Evidence> => {
    const { from, errorMs, why } = await awaitSilence(line, clock, watched);
    seen = `${who} is silent (${why})`;
    return { ...(await confirm(why, (text) => (seen = text), watched)), ...from, errorMs };
  })();
  // Whoever asks for the proof gets the rejection; nobody may be listening when the watch is stopped early.
  proof.catch((error: unknown) => (seen = `${seen}; ${messageOf(error)}`));
  return {
    proof,
    lastSeen: () => seen,
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('no longer watched'));
      line.close();
      await proof.catch(() => undefined);
    },
  };
}

/** Asks over and over until there is no answer. */
async function awaitSilence(line: LivenessConnection, clock: Clock, signal: AbortSignal): Promise<Silence> {
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
