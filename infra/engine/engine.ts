import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { given } from '../../harness/core/given.ts';
import { run } from '../process/run.ts';
import { engineTrouble } from './engine-trouble.ts';
import type { EngineName } from './engine-names.ts';

const CALL_WITHIN_MS = patient(30_000);
const ANSWER_WITHIN_MS = patient(5_000);

/** How each engine is asked for the version of its server, which is how one knows that it is there. */
const ASK_VERSION: Readonly<Record<EngineName, readonly string[]>> = {
  docker: ['version', '--format', '{{.Server.Version}}'],
  podman: ['info', '--format', '{{.Version.Version}}'],
  nerdctl: ['info', '--format', '{{.ServerVersion}}'],
};

/** Words that are about the engine itself, whatever it was asked to do: a program in a container may say almost anything else. */
const OF_ENGINE =
  /cannot connect to (the docker daemon|podman)|is the docker daemon running|permission denied while trying to connect|cannot access containerd socket|error during connect|^no answer within|could not be run/i;

interface EngineCallOptions {
  readonly input?: string;
  readonly withinMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Told every line that the command prints, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** A container engine, used through its own command, which knows where the engine is. */
export class ContainerEngine {
  readonly name: EngineName;
  readonly env: NodeJS.ProcessEnv;

  /** @param env what leads to its command, and the command to it */
  constructor(name: EngineName, env: NodeJS.ProcessEnv) {
    this.name = name;
    this.env = env;
  }

  /**
   * Runs one command and returns what it printed.
   * @throws FiredrillError `engine.silent` where the engine itself is the trouble, `engine.refused` where it
   * does not want to do this
   */
  async call(args: readonly string[], options: EngineCallOptions = {}): Promise<string> {
    const outcome = await this.#try(args, options);
    if (outcome.output !== undefined) return outcome.output;
    const { words, cause } = outcome;
    if (OF_ENGINE.test(words)) throw this.#silent(words, cause);
    const what = `${this.name} ${args.join(' ').slice(0, 200)}`;
    throw new FiredrillError('engine.refused', `${what}: ${words.slice(-400)}`, { cause });
  }

  /** Runs a program in a container. */
  exec(container: string, command: readonly string[], options: EngineCallOptions = {}): Promise<string> {
    const interactive = options.input === undefined ? [] : ['-i'];
    return this.call(['exec', ...interactive, container, ...command], options);
  }

  /** Whether it has an image, by name and tag or by digest. */
  async hasImage(reference: string, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.call(['image', 'inspect', reference], { signal });
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  }

  /** Names of the containers with all of these labels, whatever state they are in. */
  async containersWith(labels: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const filters = Object.entries(labels).flatMap(([key, value]) => ['--filter', `label=${key}=${value}`]);
    const out = await this.call(['ps', '--all', ...filters, '--format', '{{.Names}}']);
    return out.split('\n').filter((name) => name !== '');
  }

  /** Removes a container with its volumes, running or not; that it is gone already, or just going, is no matter. */
  async remove(container: string): Promise<void> {
    try {
      await this.call(['rm', '--force', '--volumes', container]);
    } catch (error) {
      if (!/no such container|not found|already in progress/i.test(messageOf(error))) throw error;
    }
  }

  /**
   * The version of a server that answers.
   * @throws FiredrillError `engine.silent`
   */
  async version(): Promise<string> {
    const outcome = await this.#try(ASK_VERSION[this.name], { withinMs: ANSWER_WITHIN_MS });
    if (outcome.output === undefined) throw this.#silent(outcome.words, outcome.cause);
    const version = outcome.output.trim();
    // A client without a server may print an empty version, and succeed.
    if (!/\d/.test(version)) throw this.#silent('cannot connect to it: it names no version', undefined);
    return version;
  }

  async #try(
    args: readonly string[],
    { input, withinMs = CALL_WITHIN_MS, signal, onLine }: EngineCallOptions,
  ): Promise<Outcome> {
    const deadline = AbortSignal.timeout(withinMs);
    try {
      const output = await run(this.name, args, {
        ...given({ input }),
        env: this.env,
        onLine,
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      });
      return { output };
    } catch (cause) {
      signal?.throwIfAborted();
      return { words: deadline.aborted ? `no answer within ${withinMs} ms` : said(cause), cause };
    }
  }

  #silent(words: string, cause: unknown): FiredrillError {
    const { message, remedy } = engineTrouble(this.name, words);
    return new FiredrillError('engine.silent', message, { hint: remedy, cause });
  }
}

/** The engine answers, and does not want to do what it was asked. */
export function isRefusal(error: unknown): boolean {
  return error instanceof FiredrillError && error.code === 'engine.refused';
}

type Outcome =
  | { readonly output: string }
  | { readonly output?: undefined; readonly words: string; readonly cause: unknown };

/** The words of the program that failed, or of the system that could not start it. */
function said(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause !== undefined) return `${messageOf(error)}: ${messageOf(cause)}`;
  // What was run stands before what it says.
  return messageOf(error).replace(/^.*?exited with code \d+: /s, '');
}
