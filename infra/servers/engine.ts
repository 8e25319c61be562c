import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';

/** An engine that says nothing of a pull for this long has no registry, or none that is of use. */
const PULL_SILENCE_LIMIT_MS = 15_000;
const GONE_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;
const NOT_PULLED = 'servers.not-pulled';

/** A container as a list tells of it. */
interface ListedContainer {
  readonly id: string;
  readonly name: string;
}

type Dockerode = ContainerRuntimeClient['container']['dockerode'];

/** What we ask of an engine ourselves; testcontainers does the rest. */
export class Engine {
  /** The DOCKER_HOST that leads to it; absent where none is needed. */
  readonly dockerHost: string | undefined;
  readonly #docker: Dockerode;
  readonly #indexServer: string;
  readonly #unpullable = new Map<string, FiredrillError>();

  constructor(client: ContainerRuntimeClient, dockerHost?: string) {
    this.dockerHost = dockerHost;
    this.#docker = client.container.dockerode;
    this.#indexServer = client.info.containerRuntime.indexServerAddress;
  }

  /** Tells engines apart, also for another process. */
  get address(): string {
    const { socketPath, protocol, host, port } = this.#docker.modem as unknown as {
      readonly socketPath?: string;
      readonly protocol: string;
      readonly host?: string;
      readonly port?: string | number;
    };
    return socketPath === undefined ? `${protocol}://${host ?? ''}:${port ?? ''}` : `unix://${socketPath}`;
  }

  async hasImage(reference: string): Promise<boolean> {
    try {
      await this.#docker.getImage(reference).inspect();
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  /**
   * Lets the engine fetch an image, with what the user's Docker configuration knows of its registry; gives up when it says
   * nothing for long, as it does behind a wall that swallows packets. What could not be pulled is not asked for again.
   * @throws FiredrillError `servers.not-pulled`
   */
  async pull(reference: string, signal?: AbortSignal): Promise<void> {
    const known = this.#unpullable.get(reference);
    if (known !== undefined) throw known;
    const silence = new AbortController();
    const timer = setTimeout(() => {
      silence.abort(new Error(`the engine has said nothing for ${PULL_SILENCE_LIMIT_MS} ms`));
    }, PULL_SILENCE_LIMIT_MS);
    const abortSignal = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    try {
      const authconfig = await credentialsFor(reference, this.#indexServer);
      const stream = await this.#docker.pull(reference, {
        abortSignal,
        ...given({ authconfig }),
      });
      await this.#untilFinished(stream, () => timer.refresh());
    } catch (error) {
      signal?.throwIfAborted();
      const failure = notPulled(silence.signal.aborted ? silence.signal.reason : error);
      this.#unpullable.set(reference, failure);
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes in an archive of images. */
  async load(archive: string, signal?: AbortSignal): Promise<void> {
    const stream = await this.#docker.loadImage(createReadStream(archive), given({ abortSignal: signal }));
    await this.#untilFinished(stream);
  }

  /** Containers with all of these labels, whatever state they are in. */
  async containersWith(labels: Readonly<Record<string, string>>): Promise<readonly ListedContainer[]> {
    const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const found = await this.#docker.listContainers({ all: true, filters: { label } });
    return found.map(({ Id, Names }) => ({ id: Id, name: (Names[0] ?? Id).replace(/^\//, '') }));
  }

  /**
   * Removes all containers with these labels, their volumes too, and returns the names of those that it met.
   * @throws FiredrillError `servers.left`
   */
  async removeContainersWith(labels: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const met = new Map<string, string>();
    const deadlineMs = performance.now() + GONE_WITHIN_MS;
    for (;;) {
      const found = await this.containersWith(labels);
      if (found.length === 0) return [...met.values()];
      if (performance.now() > deadlineMs) {
        const names = found.map(({ name }) => name).join(', ');
        throw new FiredrillError('servers.left', `${names} could not be removed in ${GONE_WITHIN_MS} ms`, {
          hint: `ask the engine at ${this.address} why`,
        });
      }
      for (const { id, name } of found) {
        met.set(id, name);
        await this.remove(id);
      }
      // Who else removes it may not have finished.
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Removes a container, running or not, by id or name; that it is gone already, or just going, is no matter. */
  async remove(container: string): Promise<void> {
    try {
      await this.#docker.getContainer(container).remove({ force: true, v: true });
    } catch (error) {
      const status = statusOf(error);
      if (status !== 404 && status !== 409) throw error;
    }
  }

  /** A failure that comes after the first step is told as one more step; Podman tells all of them so. */
  #untilFinished(stream: NodeJS.ReadableStream, onSign: () => void = () => undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      let failure: Error | undefined;
      this.#docker.modem.followProgress(
        stream,
        (error) => {
          const failed = error ?? failure;
          if (failed === undefined) resolve();
          else reject(failed);
        },
        (step: { readonly error?: string }) => {
          onSign();
          if (step.error !== undefined) failure = new Error(step.error);
        },
      );
    });
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}

type TestcontainersRuntime = typeof import('testcontainers/build/container-runtime/index.js');
type Credentials = Awaited<ReturnType<TestcontainersRuntime['getAuthConfig']>>;

/**
 * What the user's Docker configuration has for the registry of an image: a password, or a helper that is asked for one. The
 * engine knows nothing of it; whoever asks it to pull has to say.
 */
async function credentialsFor(reference: string, indexServer: string): Promise<Credentials> {
  const { getAuthConfig, ImageName } = await import('testcontainers/build/container-runtime/index.js');
  return await getAuthConfig(ImageName.fromString(reference).registry ?? indexServer);
}

/** An image cannot be had from its registry; anything else that may happen meanwhile is no reason to do without it. */
export function notPulled(why: unknown): FiredrillError {
  return new FiredrillError(NOT_PULLED, messageOf(why), { cause: why });
}

export function isNotPulled(error: unknown): error is FiredrillError {
  return error instanceof FiredrillError && error.code === NOT_PULLED;
}

/** The first line of why not: engines go on for long. */
export function whyNotPulled(error: FiredrillError): string {
  // dockerode's own words come before the engine's.
  return (error.message.split('\n')[0] ?? '').replace(/^\(HTTP code \d+\)[^-]* - /, '').trim();
}
