import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { given } from '../../harness/core/given.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import { pullImage } from '../engine/pull-image.ts';
import { takeLock } from '../process/lock.ts';
import type { OnProgress } from '../toolchain/index.ts';
import { chooseImage, provideStandIn } from './choose-image.ts';
import {
  containerSpec,
  specHash,
  type ContainerSpec,
  type HostPort,
  type ServerDefinition,
} from './definition.ts';
import { openEngine } from './open-engine.ts';
import { LABELS, reapServers, removeAll, sessionsRoot } from './reap.ts';
import { ownSession } from './session.ts';

/** An engine that says nothing of a pull for this long has no registry, or none that is of use. */
const PULL_SILENCE_LIMIT_MS = 15_000;
const STARTS_WITHIN_MS = patient(30_000);
/** Programs run without rights: everyone may write there, as in `/tmp`. */
const SCRATCH_OPTIONS = 'rw,mode=1777';

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

/** A container that answers, and how it ends. */
interface Running {
  readonly container: StartedTestContainer;
  readonly reused: boolean;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a throw-away server and waits until it answers.
 *
 * @throws FiredrillError `engine.none`, `servers.image-missing`, `servers.not-started`, and those of the tool chain
 */
export async function startServer<Port extends string, Client extends object>(
  definition: ServerDefinition<Port, Client>,
  env: NodeJS.ProcessEnv,
  options: StartServerOptions = {},
): Promise<StartedServer & Client> {
  const { say = () => undefined, signal, onProgress } = options;
  const engine = await openEngine(env);
  for (const { session, left } of await reapServers(env))
    if (left !== undefined) say(`servers of dead session ${session}: ${left}`);
  const image = await chooseImage(definition, env, {
    has: (reference) => engine.hasImage(reference, signal),
    pull: (reference) => pullOnce(engine, reference, signal),
    build: () => provideStandIn(definition, engine, given({ onProgress, signal })),
  });
  say(image.said);
  const spec = containerSpec(definition, image, options.network);
  signal?.throwIfAborted();
  const { container, reused, stop } = await (mayReuse(options, env) ? startKept : startOwn)(
    engine,
    definition,
    spec,
  );
  const addresses = Object.entries<number>(definition.ports).map(([name, port]): [string, HostPort] => [
    name,
    { host: container.getHost(), port: container.getMappedPort(port) },
  ]);
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

/** Ends servers that are kept for later, all of them, and returns the names of their containers. */
export async function removeKeptServers(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  return await removeAll(await openEngine(env), { [LABELS.kept]: 'true' });
}

const unpullable = new Map<string, FiredrillError>();

/** What could not be pulled is not asked for again. */
async function pullOnce(engine: ContainerEngine, reference: string, signal?: AbortSignal): Promise<void> {
  const known = unpullable.get(reference);
  if (known !== undefined) throw known;
  try {
    await pullImage(engine, reference, { signal, silentForMs: PULL_SILENCE_LIMIT_MS });
  } catch (error) {
    if (error instanceof FiredrillError && error.code === 'engine.not-pulled')
      unpullable.set(reference, error);
    throw error;
  }
}

/** testcontainers has a switch that forbids it for a whole machine. */
function mayReuse({ reuse = false }: StartServerOptions, env: NodeJS.ProcessEnv): boolean {
  return reuse && env['TESTCONTAINERS_REUSE_ENABLE'] !== 'false';
}

/** Starts a server that ends with this process at the latest. */
async function startOwn(
  engine: ContainerEngine,
  definition: ServerDefinition,
  spec: ContainerSpec,
): Promise<Running> {
  const session = ownSession(engine);
  const name = await session.announce(definition.name);
  const stop = (): Promise<void> => session.end(name);
  try {
    const built = await buildContainer(definition, spec, name, { [LABELS.session]: session.id });
    const container = await built.start();
    session.started(name);
    return { container, reused: false, stop };
  } catch (error) {
    await stop();
    throw notStarted(definition, spec, error);
  }
}

/** Takes the server that is kept for this, or starts it and keeps it. */
async function startKept(
  engine: ContainerEngine,
  definition: ServerDefinition,
  spec: ContainerSpec,
): Promise<Running> {
  const hash = specHash(spec);
  const kept = { [LABELS.kept]: 'true' };
  // Two processes that ask at once are to get the same one.
  using _lock = await takeLock(`${sessionsRoot(engine.env)}.${hash}.lock`);
  try {
    const reused = (await engine.containersWith({ ...kept, [LABELS.spec]: hash })).length > 0;
    const built = await buildContainer(definition, spec, `firedrill-${definition.name}-kept-${hash}`, kept);
    return { container: await built.withReuse().start(), reused, stop: () => Promise.resolve() };
  } catch (error) {
    throw notStarted(definition, spec, error);
  }
}

/** The container of a server as testcontainers wants it told. */
async function buildContainer(
  { name: server, ports, ready }: ServerDefinition,
  spec: ContainerSpec,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<GenericContainer> {
  const { GenericContainer, PullPolicy, Wait } = await import('testcontainers');
  const answers = Wait.forHttp(ready.path, ports[ready.port] ?? 0, { abortOnContainerExit: true });
  const container = new GenericContainer(spec.image)
    .withName(name)
    .withLabels({ ...labels, [LABELS.server]: server, [LABELS.spec]: specHash(spec) })
    .withEnvironment({ ...spec.env })
    .withExposedPorts(...spec.ports)
    .withTmpFs(Object.fromEntries(spec.scratch.map((folder) => [folder, SCRATCH_OPTIONS])))
    // That was settled before.
    .withPullPolicy(PullPolicy.neverPull())
    // Its reaper is an image that not everybody can pull; the session sees to the end.
    .withAutoCleanup(false)
    .withStartupTimeout(STARTS_WITHIN_MS)
    .withWaitStrategy(
      answers.forStatusCodeMatching((status) => ready.status === undefined || status === ready.status),
    );
  if (spec.command.length > 0) container.withCommand([...spec.command]);
  if (spec.network !== undefined) container.withNetworkMode(spec.network);
  return container;
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
