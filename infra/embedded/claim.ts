import { messageOf } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/fault.ts';
import type { Claim } from '../cluster.ts';
import type { SupervisorClient } from '../supervisor/client.ts';

const BEAT_EVERY_MS = 1_000;
/** Silence after which the supervisor takes the holder for dead; the undo itself has to fit into the rest of 7 s. */
const TIME_TO_LIVE_MS = 4_000;

/** Takes a claim and keeps it alive until it is released. */
export async function holdClaim(supervisor: SupervisorClient, session: string): Promise<Claim> {
  const { id } = await supervisor.call<{ id: string }>('POST', '/v1/claims', {
    session,
    pid: process.pid,
    timeToLiveMs: TIME_TO_LIVE_MS,
  });
  const path = `/v1/claims/${id}`;
  let lost: string | undefined;
  const beat = setInterval(() => {
    supervisor.call('PUT', `${path}/beat`).catch((error: unknown) => {
      lost = messageOf(error);
    });
  }, BEAT_EVERY_MS);
  beat.unref();
  return {
    id,
    get lost() {
      return lost;
    },
    registerUndo: async (injectionId: string, undo: Undo) => {
      await supervisor.call('PUT', `${path}/undos/${encodeURIComponent(injectionId)}`, undo);
    },
    forgetUndo: async (injectionId: string) => {
      await supervisor.call('DELETE', `${path}/undos/${encodeURIComponent(injectionId)}`);
    },
    release: async () => {
      clearInterval(beat);
      await supervisor.call('DELETE', path);
    },
  };
}
