import { after } from 'node:test';
import { embeddedProvider } from '../../providers/embedded/provider.ts';
import { existingFixture } from './existing-fixture.ts';
import type { ProviderFixture, StandingCluster } from './fixture.ts';
import { ownClusters } from './own-clusters.ts';
import { providerContract } from './suite.ts';

/** The contracts of existing and embedded run on the same two clusters: existing takes them for somebody else's, and leaves them standing. */
const own = ownClusters(embeddedProvider);
const clusters = new Map<string, StandingCluster>();
const bringUp: ProviderFixture['bringUp'] = async (name, signal) => {
  const cluster = clusters.get(name) ?? (await own.bringUp(name, signal));
  clusters.set(name, cluster);
  const { name: made, env } = cluster;
  return { name: made, env, attach: () => cluster.attach(), [Symbol.asyncDispose]: () => Promise.resolve() };
};
after(async () => {
  for (const cluster of clusters.values()) await cluster[Symbol.asyncDispose]();
});

providerContract(existingFixture(bringUp));
providerContract({ provider: own.provider, bringUp });
