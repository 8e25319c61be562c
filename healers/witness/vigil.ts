import type { Clock } from '../../harness/core/clock.ts';

/** What a witness is asked: whether anything answers at a node for a while, and whether its own way to the others is sound. */
export interface VigilQuestion {
  readonly node: string;
  /** URLs of the node; any HTTP answer of any of them is life. */
  readonly at: readonly string[];
  /** URLs of other nodes, as a control; none where there is nothing to compare with. */
  readonly others: readonly string[];
  readonly forMs: number;
}

/**
 * `alive`: something answered. `refused`: nothing did, yet its kernel refuses connections, so that it runs. `unknown` is no vote: the control failed,
 * or the own timers were late.
 */
export interface Vote {
  readonly says: 'alive' | 'silent' | 'refused' | 'unknown';
  readonly because: string;
}

/** `refused`: nobody listens there, and a kernel that runs says so. */
export type UrlAnswer = 'answered' | 'refused' | 'silent';
/** Asks once and waits until there is an answer, or the signal aborts. */
type AskUrl = (url: string, signal: AbortSignal) => Promise<UrlAnswer>;

interface VigilMeans {
  readonly ask: AskUrl;
  readonly clock: Clock;
  /** Resolves when answers that lie there already have been read: timers come before sockets in a turn of the event loop. */
  readonly drained: () => Promise<void>;
}

const ASK_EVERY_MS = 500;
/** Within which another node has to answer to count as reached. */
const CONTROL_MS = 1000;
/** Of the other nodes a witness has to reach so many, or its silence may be its own. */
const REACHED_SHARE = 0.8;
/** Whose timers are later than this has not looked all the while. */
const LATE_MS = 1000;

/**
 * Asks a node again and again. Each question stays open to the end, so that a kubelet that is starved of processor may answer as late as that; and
 * new ones are sent, since a machine that was paused may hear of the old ones only seconds later. The first HTTP answer ends it.
 */
export async function keepVigil(
  question: VigilQuestion,
  means: VigilMeans,
  signal: AbortSignal,
): Promise<Vote> {
  const { at, others, forMs } = question;
  const { ask, clock } = means;
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const signs = new Set<UrlAnswer>();
  const alive = Promise.withResolvers<undefined>();
  const listen = async (url: string): Promise<void> => {
    const answer = await ask(url, until);
    signs.add(answer);
    if (answer === 'answered') alive.resolve(undefined);
  };
  const controls: Control[] = [];
  const startMs = clock.now().monoMs;
  const passedMs = (): number => clock.now().monoMs - startMs;
  const lastControlMs = Math.max(0, forMs - CONTROL_MS);
  let lateMs = 0;
  try {
    for (let dueMs = 0; dueMs < forMs && !signs.has('answered');) {
      for (const url of at) void listen(url);
      if (controls.length === 0 || (controls.length === 1 && dueMs >= lastControlMs && lastControlMs > 0))
        controls.push(control(others, means, until));
      const nextMs = Math.min(forMs, dueMs + ASK_EVERY_MS, dueMs < lastControlMs ? lastControlMs : forMs);
      await Promise.race([alive.promise, clock.sleep(Math.max(0, nextMs - passedMs()), until)]);
      lateMs = Math.max(lateMs, passedMs() - nextMs);
      dueMs = nextMs;
    }
    await means.drained();
    return voteOf(signs, controls, lateMs, forMs);
  } finally {
    over.abort();
  }
}

function voteOf(
  signs: ReadonlySet<UrlAnswer>,
  controls: readonly Control[],
  lateMs: number,
  forMs: number,
): Vote {
  if (signs.has('answered')) return { says: 'alive', because: 'it answers' };
  if (lateMs > LATE_MS)
    return { says: 'unknown', because: `the witness did not run for ${lateMs.toFixed(0)} ms` };
  const failed = controls.find(({ isSound }) => !isSound());
  if (failed !== undefined) return { says: 'unknown', because: `the witness reaches ${failed.told()}` };
  if (signs.has('refused')) return { says: 'refused', because: 'its kernel refuses connections, so it runs' };
  return { says: 'silent', because: `no answer for ${forMs} ms` };
}

interface Control {
  readonly isSound: () => boolean;
  readonly told: () => string;
}

/** Asks all others at once. */
function control(others: readonly string[], { ask, clock }: VigilMeans, until: AbortSignal): Control {
  const askedMs = clock.now().monoMs;
  let reached = 0;
  const listen = async (url: string): Promise<void> => {
    const answer = await ask(url, until);
    if (answer === 'answered' && clock.now().monoMs - askedMs <= CONTROL_MS) reached++;
  };
  for (const url of others) void listen(url);
  return {
    isSound: () => reached >= REACHED_SHARE * others.length,
    told: () => `${reached} of ${others.length} other nodes`,
  };
}
