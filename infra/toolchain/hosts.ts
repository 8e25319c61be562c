import { messageOf } from '../../harness/core/errors.ts';
import { ask } from './release-host.ts';

/** How long a release host may take to answer before this run builds instead. */
const PROBE_LIMIT_MS = 2_000;

/** Finds out, once per host and run, whether a release host can be reached. */
export interface HostProbe {
  /** Why it cannot; undefined where it answers. */
  obstacle(url: string, signal?: AbortSignal): Promise<string | undefined>;
}

/**
 * A probe with a memory: the first question about a host decides for the whole run, so that a machine without network
 * pays two seconds once and not for every file.
 */
export function createHostProbe(environment: NodeJS.ProcessEnv, limitMs: number = PROBE_LIMIT_MS): HostProbe {
  const answers = new Map<string, Promise<string | undefined>>();
  return {
    async obstacle(url, signal) {
      const { origin } = new URL(url);
      let answer = answers.get(origin);
      if (!answer) {
        answer = obstacleAt(origin, environment, limitMs);
        answers.set(origin, answer);
      }
      const why = await answer;
      signal?.throwIfAborted();
      return why;
    },
  };
}

/** Any answer at all counts: what matters is whether somebody is there. */
async function obstacleAt(
  origin: string,
  environment: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<string | undefined> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const answer = await ask(new URL(origin), {
      method: 'HEAD',
      environment,
      signal: limit,
    });
    answer.destroy();
    return undefined;
  } catch (error) {
    if (limit.aborted) return `no answer within ${limitMs} ms`;
    // Unresolvable, refused, reset and not to be trusted all mean the same: not from here. Anything else is a defect of ours.
    if (error instanceof Error && 'code' in error) return messageOf(error);
    throw error;
  }
}
