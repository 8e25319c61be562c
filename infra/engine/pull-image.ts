import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { isRefusal, type ContainerEngine } from './engine.ts';
import { LayerCount } from './layer-count.ts';

/** A gigabyte at half a megabyte a second. The engine itself gives up much earlier where no registry answers. */
const PULLED_WITHIN_MS = patient(30 * 60_000);
const TELL_EVERY_MS = 500;

export interface PullOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (detail: string, elapsedMs: number) => void;
  readonly withinMs?: number;
  /** An engine that says nothing at all for this long has no registry, as behind a wall that swallows packets. */
  readonly silentForMs?: number;
}

/**
 * Has the engine's own command pull an image: it brings the user's credentials, and knows the engine's mirrors. Where it is
 * cut off the engine keeps whole layers for the next try and nothing that has a name.
 * @throws FiredrillError `engine.not-pulled` in the engine's words, `engine.silent`
 */
export async function pullImage(
  engine: ContainerEngine,
  reference: string,
  {
    signal,
    onProgress = () => undefined,
    withinMs = PULLED_WITHIN_MS,
    silentForMs = withinMs,
  }: PullOptions = {},
): Promise<void> {
  const startedMs = performance.now();
  const layers = new LayerCount();
  const tell = (): void => {
    const { said } = layers;
    onProgress(`pulling ${reference}${said === '' ? '' : `, ${said}`}`, performance.now() - startedMs);
  };
  tell();
  using _timer = setInterval(tell, TELL_EVERY_MS);
  const cut = new AbortController();
  const cutAfter = (ms: number, why: string): NodeJS.Timeout =>
    setTimeout(() => cut.abort(notPulled(`${why} ${ms / 1_000} s`)), ms);
  using _limit = cutAfter(withinMs, 'it was not done after');
  using silence = cutAfter(silentForMs, 'the engine has said nothing for');
  try {
    await engine.call(['pull', reference], {
      signal: signal === undefined ? cut.signal : AbortSignal.any([signal, cut.signal]),
      // An engine that is busy with a pull is not silent.
      withinMs: 2 * withinMs,
      onLine(line) {
        clearTimeout(silence);
        layers.read(line);
      },
    });
  } catch (error) {
    throw isRefusal(error) ? notPulled(lastWords(error), error) : error;
  }
}

function notPulled(why: string, cause?: unknown): FiredrillError {
  return new FiredrillError('engine.not-pulled', why, { cause });
}

/** What was called stands before what the engine says, and how it tried before how it ended. */
function lastWords(error: unknown): string {
  const last = messageOf(error).trim().split('\n').at(-1) ?? '';
  return last.replace(/^\w+ pull \S+: /, '').replace(/^Error( response from daemon)?: /, '');
}
