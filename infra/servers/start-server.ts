import { given } from '../../harness/core/given.ts';
import type { OnProgress } from '../toolchain/index.ts';
import { chooseImage, provideStandIn } from './choose-image.ts';
import { containerSpec, type HostPort, type ServerDefinition } from './definition.ts';
import { openEngine } from './open-engine.ts';
import { reapServers } from './reap.ts';
import { startKept, startOwn } from './start-container.ts';

export interface StartServerOptions {
  /**
   * Takes one that is kept from before, if it is the same to the last bit, and keeps this one for later: nothing but
   * `removeKeptServers` ends it. Absent: a fresh one, which ends with this process at the latest.
   */
  readonly reuse?: boolean;
  /** A network of the engine that the server joins, for instance that of a cluster. */
  readonly network?: string;
  /** Told in one line each what was chosen. */
  readonly say?: (line: string) => void;
  /** How far the program has come that has to be built. */
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** A server that answers, besides its client. */
export interface StartedServer extends AsyncDisposable {
  /** Of its container; on a network that it has joined, other containers reach it by this name. */
  readonly containerName: string;
  readonly image: string;
  /** True where it was there before. */
  readonly reused: boolean;
  /** Its address on a network that it has joined. */
  addressOn(network: string): string;
  /** Ends the server, unless it is to be kept. Safe to call again. */
  stop(): Promise<void>;
}

/**
 * Starts a throw-away server and waits until it answers.
 *
 * @throws FiredrillError `engine.none`, `servers.image-missing`, `servers.not-started`, and those of the tool chain
 */
export async function startServer<Port extends string, Client extends object>(
  definition: ServerDefinition<Port, Client>,
  options: StartServerOptions = {},
): Promise<StartedServer & Client> {
  const { say = () => undefined, signal, onProgress } = options;
  const engine = await openEngine();
  for (const { session, left } of await reapServers())
    if (left !== undefined) say(`servers of dead session ${session}: ${left}`);
  const image = await chooseImage(definition, process.env, {
    has: (reference) => engine.hasImage(reference),
    pull: (reference) => engine.pull(reference, signal),
    build: () => provideStandIn(definition, engine, given({ onProgress, signal })),
  });
  say(image.said);
  const spec = containerSpec(definition, image, options.network);
  signal?.throwIfAborted();
  const running = mayReuse(options)
    ? await startKept(engine, definition, spec)
    : await startOwn(engine, definition, spec, say);
  const { container, reused } = running;
  const addresses = Object.entries<number>(definition.ports).map(([name, port]): [string, HostPort] => [
    name,
    { host: container.getHost(), port: container.getMappedPort(port) },
  ]);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= running.stop().catch((error: unknown) => {
      // It may be tried again.
      stopping = undefined;
      throw error;
    }));
  return {
    ...definition.client(Object.fromEntries(addresses) as Record<Port, HostPort>),
    containerName: container.getName().replace(/^\//, ''),
    image: spec.image,
    reused,
    addressOn: (network) => container.getIpAddress(network),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** testcontainers has a switch that forbids it for a whole machine. */
function mayReuse({ reuse = false }: StartServerOptions): boolean {
  return reuse && process.env['TESTCONTAINERS_REUSE_ENABLE'] !== 'false';
}
