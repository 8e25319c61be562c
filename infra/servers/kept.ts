import { takeLock } from '../process/lock.ts';
import { buildContainer } from './container.ts';
import { specHash, type ContainerSpec, type ServerDefinition } from './definition.ts';
import type { Engine } from './engine.ts';
import { LABELS } from './labels.ts';
import { openEngine } from './open-engine.ts';
import { notStarted, type Running } from './running.ts';
import { sessionsRoot } from './session-record.ts';

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
