import type { ClusterProvider } from '../../cluster.ts';
import { contractSpec, type ProviderFixture } from './fixture.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

/** Clusters that a provider makes, in a state directory of their own, which goes with the process. */
export function ownClusters(providerOf: (env: NodeJS.ProcessEnv) => ClusterProvider): ProviderFixture {
  const directory = temporaryDirectory('contract');
  const env = { ...process.env, FIREDRILL_STATE_DIR: directory };
  const provider = providerOf(env);
  return {
    provider,
    async bringUp(name, signal) {
      // Every cluster of an engine has its own name, whoever has made it.
      const unique = `${name}-${process.pid}`;
      await provider.provision(contractSpec(unique), () => undefined, signal);
      return {
        name: unique,
        env,
        attach: () => provider.attach(unique),
        // Also where a test has ended it already.
        [Symbol.asyncDispose]: async () => {
          if ((await provider.list()).includes(unique)) await provider.end(unique, { force: true });
        },
      };
    },
  };
}
