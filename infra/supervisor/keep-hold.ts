import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/faults/fault.ts';
import type { Hold } from '../cluster.ts';
import type { SupervisorClient } from './client.ts';
import { ANSWERS } from './protocol.ts';

interface HoldTiming {
  readonly beatEveryMs: number;
  /** A beat that was not answered for this long has failed; the next one follows. */
  readonly beatWithinMs: number;
  /** Silence after which the supervisor takes the holder for dead; the undo itself has to fit into the rest of 7 s. */
  readonly timeToLiveMs: number;
}

const TIMING: HoldTiming = { beatEveryMs: 1_000, beatWithinMs: 1_000, timeToLiveMs: 4_000 };

/**
 * Takes a hold and keeps it alive until it is released. A beat that fails is followed by another: the hold is lost
 * when the supervisor says so, or when it has not answered for so long that it must take the holder for dead.
 */
export async function keepHold(
  supervisor: Pick<SupervisorClient, 'ask' | 'call'>,
  session: string,
  timing: HoldTiming = TIMING,
): Promise<Hold> {
  const { beatEveryMs, beatWithinMs, timeToLiveMs } = timing;
  let heardMonoMs = performance.now();
  const { id } = await supervisor.ask(ANSWERS.hold, 'POST', '/v1/holds', {
    session,
    pid: process.pid,
    timeToLiveMs,
  });
  const path = `/v1/holds/${id}`;
  let refused: string | undefined;
  let trouble = 'no answer yet';
  const beat = async (): Promise<void> => {
    // The supervisor counts from when it hears the beat, which is later.
    const sentMonoMs = performance.now();
    try {
      await supervisor.call('PUT', `${path}/beat`, undefined, AbortSignal.timeout(beatWithinMs));
      heardMonoMs = Math.max(heardMonoMs, sentMonoMs);
    } catch (error) {
      trouble = messageOf(error);
      if (error instanceof FiredrillError && error.code === 'hold.unknown') refused = trouble;
    }
  };
  const timer = setInterval(() => void beat(), beatEveryMs);
  timer.unref();
  return {
    id,
    get lost() {
      if (refused !== undefined) return refused;
      const silentMs = performance.now() - heardMonoMs;
      if (silentMs <= timeToLiveMs) return undefined;
      return `no beat was answered for ${Math.round(silentMs)} ms: ${trouble}`;
    },
    registerUndo: async (injectionId: string, undo: Undo) => {
      await supervisor.call('PUT', `${path}/undos/${encodeURIComponent(injectionId)}`, undo);
    },
    forgetUndo: async (injectionId: string) => {
      await supervisor.call('DELETE', `${path}/undos/${encodeURIComponent(injectionId)}`);
    },
    release: async () => {
      clearInterval(timer);
      await supervisor.call('DELETE', path);
    },
  };
}
