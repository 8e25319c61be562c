import type { InspectedContainer } from './container.ts';
import { nameOf } from './container.ts';
import type { ContainerEngine, EngineCallOptions } from '../../engine/engine.ts';
import { CLUSTER_LABEL } from './names.ts';

/** Names of the containers that belong to a cluster of kind's, those that do not run among them. */
export async function containersOf(
  engine: ContainerEngine,
  kindCluster: string,
  options: EngineCallOptions = {},
): Promise<readonly string[]> {
  const filter = `label=${CLUSTER_LABEL}=${kindCluster}`;
  const out = await engine.call(['ps', '--all', '--filter', filter, '--format', '{{.Names}}'], options);
  return out.split('\n').filter((name) => name !== '');
}

/** All that the engine knows of these containers, by name. */
export async function inspectContainers(
  engine: ContainerEngine,
  names: readonly string[],
  options: EngineCallOptions = {},
): Promise<ReadonlyMap<string, InspectedContainer>> {
  if (names.length === 0) return new Map();
  const out = await engine.call(['container', 'inspect', ...names], options);
  const all = JSON.parse(out) as readonly InspectedContainer[];
  return new Map(all.map((inspected) => [nameOf(inspected), inspected]));
}
