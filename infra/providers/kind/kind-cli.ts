import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import type { ContainerEngine } from '../../engine/engine.ts';
import type { EngineName } from '../../engine/engine-names.ts';
import { run, type CommandOptions } from '../../process/run.ts';
import { imageMissing } from './node-image.ts';

/** The kind command, for clusters whose kubeconfig is ours and never the user's. */
export class KindCli {
  readonly #path: string;
  readonly #engine: ContainerEngine;

  /** @param path of the program */
  constructor(path: string, engine: ContainerEngine) {
    this.#path = path;
    this.#engine = engine;
  }

  /**
   * Makes a cluster. It does not wait for the nodes to be Ready.
   * @throws FiredrillError `cluster.name-in-use`, `kind.image-missing`, `kind.create-failed`
   */
  async create(
    options: {
      readonly name: string;
      readonly configuration: string;
      readonly kubeconfig: string;
      /** Told what kind does next. */
      readonly onStep: (step: string) => void;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { name, configuration, kubeconfig, onStep } = options;
    const onLine = (line: string): void => {
      const step = createStep(line);
      if (step !== undefined) onStep(step);
    };
    const args = [
      'create',
      'cluster',
      '--name',
      name,
      '--config',
      '-',
      '--kubeconfig',
      kubeconfig,
      '--retain',
    ];
    try {
      await this.#run(args, { input: configuration, signal, onLine });
    } catch (cause) {
      signal.throwIfAborted();
      throw createFailure(this.#engine.name, messageOf(cause), cause);
    }
  }

  async delete(name: string, kubeconfig: string): Promise<void> {
    await this.#run(['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], {});
  }

  /** Imports all images of an archive into nodes that are on. */
  async loadArchive(name: string, archive: string, nodes: readonly string[]): Promise<void> {
    await this.#run(['load', 'image-archive', archive, '--name', name, '--nodes', nodes.join(',')], {});
  }

  #run(
    args: readonly string[],
    options: Pick<CommandOptions, 'input' | 'signal' | 'onLine'>,
  ): Promise<string> {
    // kind and what it starts must not outlive whoever has asked for it: what they were making is taken away meanwhile.
    return run(this.#path, args, {
      ...options,
      group: true,
      // The engine that was found, and not another that kind would try first.
      env: { ...this.#engine.env, KIND_EXPERIMENTAL_PROVIDER: this.#engine.name },
    });
  }
}

/** What the words of a `kind create cluster` that failed mean for whoever has asked for a cluster. */
export function createFailure(engine: EngineName, words: string, cause?: unknown): FiredrillError {
  const taken = /already exist for a cluster with the name "([^"]+)"/.exec(words)?.[1];
  if (taken !== undefined) {
    return new FiredrillError(
      'cluster.name-in-use',
      `the kind cluster ${taken} exists already, and is not ours`,
      { cause, hint: 'choose another --name; kind get clusters lists them' },
    );
  }
  const image = /failed to pull image "([^"]+)"/.exec(words)?.[1];
  if (image !== undefined) return imageMissing(engine, image, pullWords(words), cause);
  if (/inotify|too many open files/i.test(words)) {
    return new FiredrillError(
      'kind.create-failed',
      'kind did not make the cluster: a node has no inotify instances or open files left to start with',
      {
        userError: true,
        cause,
        hint: 'allow more of them, as root: sysctl fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=524288',
      },
    );
  }
  return new FiredrillError('kind.create-failed', `kind did not make the cluster: ${words.slice(-500)}`, {
    cause,
    hint: 'the logs of its nodes are in the directory of the run',
  });
}

/** The last line of what the engine said about a pull, as kind repeats it. */
function pullWords(words: string): string {
  const output = /Command Output: ([^]*?)(?:\n\n|$)/.exec(words)?.[1] ?? '';
  return (output.trim().split('\n').at(-1) ?? '').replace(/^Error( response from daemon)?: /, '');
}

/** What kind begins to do, by a line of its own where no terminal is: ` • Preparing nodes 📦 📦  ...`. */
export function createStep(line: string): string | undefined {
  const [, step] = /^ *• (.+?)\s+\P{ASCII}.*\.\.\.\s*$/u.exec(line) ?? [];
  return step === undefined ? undefined : `kind: ${step.slice(0, 1).toLowerCase()}${step.slice(1)}`;
}
