import { PROVIDERS } from './provider.ts';
import { type Reaped, reapClusters } from './supervisor/reap.ts';

/** Clears away what clusters of any provider have left whose supervisor was killed; {@link reapClusters} says how. */
export function reap(root?: string): Promise<Reaped[]> {
  const sweepers = PROVIDERS.flatMap(({ name, sweep }) =>
    sweep === undefined ? [] : [[name, sweep] as const],
  );
  return reapClusters(Object.fromEntries(sweepers), root);
}
