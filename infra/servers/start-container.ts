import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { takeLock } from '../process/lock.ts';
import { specHash, type ContainerSpec, type ServerDefinition } from './definition.ts';
import type { Engine } from './engine.ts';
import { openEngine } from './open-engine.ts';
import { chooseReaper, type ContainerReaper } from './ryuk.ts';
import { LABELS, sessionsRoot } from './session-record.ts';
import { Session } from './session.ts';

const STARTS_WITHIN_MS = 30_000;
/** Programs run without rights: everyone may write there, as in `/tmp`. */
const SCRATCH_OPTIONS = 'rw,mode=1777';

/** One for all servers of this process that are on the same engine. */
const sessions = new Map<string, Session>();
const reapers = new Map<string, Promise<ContainerReaper>>();

/** A container that answers, and how it ends. */
interface Running {
  readonly container: StartedTestContainer;
  /** True where it was there before. */
  readonly reused: boolean;
  stop(): Promise<void>;
}

/** Starts a server that ends with this process at the latest. */
export async function startOwn(
  engine: Engine,
  definition: ServerDefinition,
  spec: ContainerSpec,
  say: (line: string) => void,
): Promise<Running> {
  const reaper = await reaperOn(engine, say);
  const session = sessions.get(engine.address) ?? new Session(engine.address, environmentOf(engine));
  sessions.set(engine.address, session);
  const name = await session.announce(definition.name, reaper.who === 'watcher');
  const stop = async (): Promise<void> => {
    await engine.remove(name);
    await session.ended(name);
  };
  try {
    const labels = { ...session.labels, [LABELS.server]: definition.name, [LABELS.spec]: specHash(spec) };
    const built = await buildContainer(definition, spec, { name, labels });
    const container = await built.start();
    session.started(name);
    return { container, reused: false, stop };
  } catch (error) {
    await stop();
    throw notStarted(definition, spec, error);
  }
}

/** Whoever has to end the session is led to its engine, and does not look for one. */
function environmentOf({ dockerHost }: Engine): NodeJS.ProcessEnv {
  return { ...process.env, ...given({ DOCKER_HOST: dockerHost }) };
}

function reaperOn(engine: Engine, say: (line: string) => void): Promise<ContainerReaper> {
  const known = reapers.get(engine.address);
  if (known !== undefined) return known;
  const chosen = chooseReaper(process.env, {
    has: (reference) => engine.hasImage(reference),
    pull: (reference) => engine.pull(reference),
  }).then((reaper) => {
    say(reaper.said);
    return reaper;
  });
  reapers.set(engine.address, chosen);
  // Whoever asks next may have more luck; this one is told.
  chosen.catch(() => reapers.delete(engine.address));
  return chosen;
}

/** Takes the server that is kept for this, or starts it and keeps it. */
export async function startKept(
  engine: Engine,
  definition: ServerDefinition,
  spec: ContainerSpec,
): Promise<Running> {
  const hash = specHash(spec);
  const labels = { [LABELS.kept]: 'true', [LABELS.server]: definition.name, [LABELS.spec]: hash };
  // Two processes that ask at once are to get the same one.
  using _lock = await takeLock(`${sessionsRoot()}.${hash}.lock`);
  try {
    const reused = (await engine.containersWith(labels)).length > 0;
    const name = `firedrill-${definition.name}-kept-${hash}`;
    const built = await buildContainer(definition, spec, { name, labels });
    return { container: await built.withReuse().start(), reused, stop: () => Promise.resolve() };
  } catch (error) {
    throw notStarted(definition, spec, error);
  }
}

/** Ends servers that are kept for later, all of them, and returns the names of their containers. */
export async function removeKeptServers(): Promise<readonly string[]> {
  const engine = await openEngine();
  return engine.removeContainersWith({ [LABELS.kept]: 'true' });
}

/** The container of a server as testcontainers wants it told. */
async function buildContainer(
  { ports, ready }: ServerDefinition,
  spec: ContainerSpec,
  { name, labels }: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): Promise<GenericContainer> {
  const { GenericContainer, PullPolicy, Wait } = await import('testcontainers');
  const answers = Wait.forHttp(ready.path, ports[ready.port] ?? 0, { abortOnContainerExit: true });
  const container = new GenericContainer(spec.image)
    .withName(name)
    .withLabels({ ...labels })
    .withEnvironment({ ...spec.env })
    .withExposedPorts(...spec.ports)
    .withTmpFs(Object.fromEntries(spec.scratch.map((folder) => [folder, SCRATCH_OPTIONS])))
    // That was settled before.
    .withPullPolicy(PullPolicy.neverPull())
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
