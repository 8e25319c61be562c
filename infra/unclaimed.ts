import { join } from 'node:path';
import { FiredrillError } from '../harness/core/errors.ts';
import type { ClusterProvider } from './cluster.ts';
import { namesIn } from './process/state-root.ts';
import { clustersRoot, ownerOf, providerOfDirectory } from './supervisor/cluster-directory.ts';

/** A cluster of a provider that this version does not have, as another version may: nobody here can take it away. */
export interface Unclaimed {
  readonly cluster: string;
  readonly isAlive: boolean;
  /** `provider.unknown`, with what can be done about it. */
  readonly problem: FiredrillError;
}

/** The clusters of this user that none of these providers has made. */
export function unclaimedClusters(
  providers: readonly Pick<ClusterProvider, 'name'>[],
  env: NodeJS.ProcessEnv,
): readonly Unclaimed[] {
  const root = clustersRoot(env);
  return namesIn(root).flatMap((cluster) => {
    const directory = join(root, cluster);
    const owner = ownerOf(directory);
    if (cluster.startsWith('.') || owner === 'foreign') return [];
    const provider = providerOfDirectory(directory) ?? '';
    if (providers.some(({ name }) => name === provider)) return [];
    const isAlive = owner === 'alive';
    const problem = new FiredrillError(
      'provider.unknown',
      `cluster ${cluster} was made by the provider ${JSON.stringify(provider)}, which this version does not have` +
        (isAlive ? '' : '; its supervisor has died'),
      {
        hint: isAlive
          ? `end it with the version that has made it: firedrill down --name ${cluster}`
          : `firedrill reap of the version that has made it clears it away; its files are in ${directory}`,
      },
    );
    return [{ cluster, isAlive, problem }];
  });
}
