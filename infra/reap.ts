import { providersOf } from './provider.ts';
import { clustersRoot } from './supervisor/cluster-directory.ts';
import { type Reaped, reapClusters } from './supervisor/reap.ts';

/** Clears away what clusters of any provider have left whose supervisor was killed; {@link reapClusters} says how. */
export function reap(env: NodeJS.ProcessEnv): Promise<Reaped[]> {
  const sweepers = providersOf(env).flatMap(({ name, sweep }) =>
    sweep === undefined ? [] : [[name, sweep] as const],
  );
  return reapClusters(Object.fromEntries(sweepers), clustersRoot(env));
}
