import type { StartedTestContainer } from 'testcontainers';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { OnProgress } from '../toolchain/index.ts';
import { takeLock } from '../toolchain/lock.ts';
import { chooseImage } from './choose-image.ts';
import { buildContainer } from './container.ts';
import {
  containerSpec,
  specHash,
  type ContainerSpec,
  type Door,
  type ServerDefinition,
} from './definition.ts';
import { openEngine, type Engine } from './engine.ts';
import { LABELS } from './labels.ts';
import { reapServers } from './reap.ts';
import { chooseUndertaker, type Undertaker } from './ryuk.ts';
import { Session } from './session.ts';
import { sessionsRoot } from './session-record.ts';
import { provideStandIn } from './stand-in.ts';

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

/** A server that answers, besides its face. */
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

/** One for all servers of this process that are on the same engine. */
const sessions = new Map<string, Session>();
const unpullable = new Map<string, FiredrillError>();
const undertakers = new Map<string, Promise<Undertaker>>();

/**
 * Starts a throw-away server and waits until it answers.
 *
 * @throws FiredrillError `servers.no-engine`, `servers.image-missing`, `servers.not-started`, and those of the tool chain
 */
export async function startServer<Port extends string, Face extends object>(
  definition: ServerDefinition<Port, Face>,
  options: StartServerOptions = {},
): Promise<StartedServer & Face> {
  const { say = () => undefined, signal, onProgress } = options;
  const engine = await openEngine();
  for (const { session, left } of await reapServers())
    if (left !== undefined) say(`servers of dead session ${session}: ${left}`);
  const image = await chooseImage(definition, process.env, {
    has: (reference) => engine.hasImage(reference),
    pull: (reference) => pullOnce(engine, reference, signal),
    build: () =>
      provideStandIn(definition, engine, {
        ...(onProgress === undefined ? {} : { onProgress }),
        ...(signal === undefined ? {} : { signal }),
      }),
  });
  say(image.said);
  const spec = containerSpec(definition, image, options.network);
  signal?.throwIfAborted();
  const running = mayReuse(options)
    ? await startKept(engine, definition, spec)
    : await startOwn(engine, definition, spec, say);
  const { container, reused } = running;
  const doors = Object.entries<number>(definition.ports).map(([name, port]): [string, Door] => [
    name,
    { host: container.getHost(), port: container.getMappedPort(port) },
  ]);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= running.stop());
  return {
    ...definition.face(Object.fromEntries(doors) as Record<Port, Door>),
    containerName: container.getName().replace(/^\//, ''),
    image: spec.image,
    reused,
    addressOn: (network) => container.getIpAddress(network),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What could not be pulled is not asked for again by this process: the wait for a registry that is not there may be long. */
async function pullOnce(engine: Engine, reference: string, signal?: AbortSignal): Promise<void> {
  const known = unpullable.get(reference);
  if (known !== undefined) throw known;
  try {
    await engine.pull(reference, signal);
  } catch (error) {
    if (error instanceof FiredrillError) unpullable.set(reference, error);
    throw error;
  }
}

/** testcontainers has a switch that forbids it for a whole machine. */
function mayReuse({ reuse = false }: StartServerOptions): boolean {
  return reuse && process.env['TESTCONTAINERS_REUSE_ENABLE'] !== 'false';
}

interface Running {
  readonly container: StartedTestContainer;
  readonly reused: boolean;
  stop(): Promise<void>;
}

async function startOwn(
  engine: Engine,
  definition: ServerDefinition,
  spec: ContainerSpec,
  say: (line: string) => void,
): Promise<Running> {
  const undertaker = await undertakerOn(engine, say);
  const session = sessions.get(engine.address) ?? new Session(engine.address);
  sessions.set(engine.address, session);
  const name = await session.announce(definition.name, undertaker.who === 'watcher');
  const stop = async (): Promise<void> => {
    await engine.remove(name);
    await session.ended(name);
  };
  try {
    const labels = { ...session.labels, [LABELS.server]: definition.name, [LABELS.spec]: specHash(spec) };
    const container = await (await buildContainer(definition, spec, { name, labels })).start();
    session.started(name);
    return { container, reused: false, stop };
  } catch (error) {
    await stop();
    throw notStarted(definition, spec, error);
  }
}

async function startKept(
  engine: Engine,
  definition: ServerDefinition,
  spec: ContainerSpec,
): Promise<Running> {
  const hash = specHash(spec);
  const labels = { [LABELS.kept]: 'true', [LABELS.server]: definition.name, [LABELS.spec]: hash };
  // Two processes that ask at once are to get the same one.
  const lock = await takeLock(`${sessionsRoot()}.${hash}.starting`);
  try {
    const reused = (await engine.containersWith(labels)).length > 0;
    const name = `firedrill-${definition.name}-kept-${hash}`;
    const built = await buildContainer(definition, spec, { name, labels });
    return { container: await built.withReuse().start(), reused, stop: () => Promise.resolve() };
  } catch (error) {
    throw notStarted(definition, spec, error);
  } finally {
    await lock.release();
  }
}

function undertakerOn(engine: Engine, say: (line: string) => void): Promise<Undertaker> {
  const known = undertakers.get(engine.address);
  if (known !== undefined) return known;
  const chosen = chooseUndertaker(process.env, {
    has: (reference) => engine.hasImage(reference),
    pull: (reference) => pullOnce(engine, reference),
  }).then((undertaker) => {
    say(undertaker.said);
    return undertaker;
  });
  undertakers.set(engine.address, chosen);
  // What failed once may work the next time.
  chosen.catch(() => undertakers.delete(engine.address));
  return chosen;
}

function notStarted({ name }: ServerDefinition, { image }: ContainerSpec, cause: unknown): FiredrillError {
  return new FiredrillError(
    'servers.not-started',
    `${name} (${image}) has not started: ${messageOf(cause)}`,
    {
      hint: "the words above are the program's own, or the engine's",
      cause,
    },
  );
}

/** Ends servers that are kept for later, all of them, and returns the names of their containers. */
export async function removeKeptServers(): Promise<readonly string[]> {
  const engine = await openEngine();
  return engine.removeContainersWith({ [LABELS.kept]: 'true' });
}
