import { ask } from './release-host.ts';

/** How long a release host may take to answer before this run builds instead. */
const PROBE_LIMIT_MS = 2_000;

/** Answers, once per host and run, whether a release host can be reached. */
export interface HostProbe {
  reachable(url: string, signal?: AbortSignal): Promise<boolean>;
}

/**
 * A probe with a memory: the first question about a host decides for the whole run, so that a machine without network
 * pays two seconds once and not for every file.
 */
export function createHostProbe(environment: NodeJS.ProcessEnv, limitMs: number = PROBE_LIMIT_MS): HostProbe {
  const answers = new Map<string, Promise<boolean>>();
  return {
    async reachable(url, signal) {
      const { origin } = new URL(url);
      let answer = answers.get(origin);
      if (!answer) {
        answer = isThere(origin, environment, limitMs);
        answers.set(origin, answer);
      }
      const reached = await answer;
      signal?.throwIfAborted();
      return reached;
    },
  };
}

/** Any answer at all counts: what matters is whether somebody is there. */
async function isThere(origin: string, environment: NodeJS.ProcessEnv, limitMs: number): Promise<boolean> {
  try {
    const answer = await ask(new URL(origin), {
      method: 'HEAD',
      environment,
      signal: AbortSignal.timeout(limitMs),
    });
    answer.destroy();
    return true;
  } catch (error) {
    // Unresolvable, refused, reset, not to be trusted and too slow all mean the same: not from here. Anything else is a defect of ours.
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
