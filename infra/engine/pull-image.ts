import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { ContainerEngine } from './engine.ts';
import { LayerCount } from './layer-count.ts';

/** A gigabyte at half a megabyte a second. The engine itself gives up much earlier where no registry answers. */
const PULLED_WITHIN_MS = 30 * 60_000;
const TELL_EVERY_MS = 500;

export interface PullOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (detail: string, elapsedMs: number) => void;
  readonly withinMs?: number;
}

/** Whether the engine has an image, by name and tag or by digest. */
export async function hasImage(
  engine: ContainerEngine,
  reference: string,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await engine.call(['image', 'inspect', reference], { signal });
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/**
 * Has the engine's own command pull an image: it brings the user's credentials, and knows the engine's mirrors. Where it is
 * cut off the engine keeps whole layers for the next try and nothing that has a name.
 * @throws FiredrillError `engine.not-pulled` in the engine's words, `engine.silent`
 */
export async function pullImage(
  engine: ContainerEngine,
  reference: string,
  { signal, onProgress, withinMs = PULLED_WITHIN_MS }: PullOptions,
): Promise<void> {
  const startedMs = performance.now();
  const layers = new LayerCount();
  const tell = (): void => {
    const { said } = layers;
    onProgress(`pulling ${reference}${said === '' ? '' : `, ${said}`}`, performance.now() - startedMs);
  };
  tell();
  const timer = setInterval(tell, TELL_EVERY_MS);
  const limit = AbortSignal.timeout(withinMs);
  try {
    await engine.call(['pull', reference], {
      signal: AbortSignal.any([signal, limit]),
      // An engine that is busy with a pull is not silent.
      withinMs: 2 * withinMs,
      onLine: (line) => layers.read(line),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw notPulled(`it was not done after ${Math.round(withinMs / 1_000)} s`, error);
    if (isRefusal(error)) throw notPulled(lastWords(error), error);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function notPulled(why: string, cause: unknown): FiredrillError {
  return new FiredrillError('engine.not-pulled', why, { cause });
}

/** What was called stands before what the engine says, and how it tried before how it ended. */
function lastWords(error: unknown): string {
  const last = messageOf(error).trim().split('\n').at(-1) ?? '';
  return last.replace(/^\w+ pull \S+: /, '').replace(/^Error( response from daemon)?: /, '');
}

function isRefusal(error: unknown): boolean {
  return error instanceof FiredrillError && error.code === 'engine.refused';
}
