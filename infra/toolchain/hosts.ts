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
export function createHostProbe(limitMs: number = PROBE_LIMIT_MS): HostProbe {
  const answers = new Map<string, Promise<boolean>>();
  return {
    async reachable(url, signal) {
      const { origin } = new URL(url);
      let answer = answers.get(origin);
      if (!answer) {
        answer = ask(origin, limitMs);
        answers.set(origin, answer);
      }
      const reached = await answer;
      signal?.throwIfAborted();
      return reached;
    },
  };
}

/** Any answer at all counts: what matters is whether somebody is there. */
async function ask(origin: string, limitMs: number): Promise<boolean> {
  try {
    const response = await fetch(origin, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(limitMs),
    });
    await response.body?.cancel();
    return true;
  } catch (error) {
    // Unresolvable, refused, reset and too slow all mean the same: not from here. Anything else is a defect of ours.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return false;
    throw error;
  }
}
