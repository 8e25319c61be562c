import { after } from 'node:test';
import { embeddedFixture } from './embedded-fixture.ts';
import { existingFixture } from './existing-fixture.ts';
import type { ProviderFixture, Standing } from './fixture.ts';
import { providerContract } from './suite.ts';

/** Both contracts on the same two clusters: to the first of them they are somebody else's, and it leaves them standing. */
const clusters = new Map<string, Standing>();
const bringUp: ProviderFixture['bringUp'] = async (name, signal) => {
  const cluster = clusters.get(name) ?? (await embeddedFixture.bringUp(name, signal));
  clusters.set(name, cluster);
  return { name, attach: () => cluster.attach(), [Symbol.asyncDispose]: () => Promise.resolve() };
};
after(async () => {
  for (const cluster of clusters.values()) await cluster[Symbol.asyncDispose]();
});

providerContract(existingFixture(bringUp));
providerContract({ provider: embeddedFixture.provider, bringUp });
