import { buildContainer } from './container.ts';
import { specHash, type ContainerSpec, type ServerDefinition } from './definition.ts';
import type { Engine } from './engine.ts';
import { LABELS } from './labels.ts';
import { pullOnce } from './pull-once.ts';
import { notStarted, type Running } from './running.ts';
import { chooseUndertaker, type Undertaker } from './ryuk.ts';
import { Session } from './session.ts';

/** One for all servers of this process that are on the same engine. */
const sessions = new Map<string, Session>();
const undertakers = new Map<string, Promise<Undertaker>>();

/** Starts a server that ends with this process at the latest. */
export async function startOwn(
  engine: Engine,
  definition: ServerDefinition,
  spec: ContainerSpec,
  say: (line: string) => void,
): Promise<Running> {
  const undertaker = await undertakerOn(engine, say);
  const session = sessions.get(engine.address) ?? new Session(engine.address, environmentOf(engine));
  sessions.set(engine.address, session);
  const name = await session.announce(definition.name, undertaker.who === 'watcher');
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
  return { ...process.env, ...(dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost }) };
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
  // Whoever asks next may have more luck; this one is told.
  chosen.catch(() => undertakers.delete(engine.address));
  return chosen;
}
