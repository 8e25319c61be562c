import { mkdtempSync, rmSync } from 'node:fs';
import type { Cluster } from '../../cluster.ts';
import { embeddedProvider } from '../../providers/embedded/provider.ts';
import { contractSpec, type ProviderFixture } from './fixture.ts';

/** Clusters of our own in a state directory of their own, which goes with the process. */
export async function bringUpEmbedded(name: string, signal: AbortSignal): Promise<Cluster> {
  if (process.env['FIREDRILL_STATE_DIR']?.startsWith('/tmp/fd-contract-') !== true) {
    const directory = mkdtempSync('/tmp/fd-contract-');
    process.env['FIREDRILL_STATE_DIR'] = directory;
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  }
  return await embeddedProvider.provision(contractSpec(name), () => undefined, signal);
}

/** Also where a test has ended it already. */
export async function endEmbedded(name: string): Promise<void> {
  if ((await embeddedProvider.list()).includes(name)) await embeddedProvider.end(name, { force: true });
}

export const embeddedFixture: ProviderFixture = {
  provider: embeddedProvider,
  async bringUp(name, signal) {
    await bringUpEmbedded(name, signal);
    return {
      name,
      attach: () => embeddedProvider.attach(name),
      [Symbol.asyncDispose]: () => endEmbedded(name),
    };
  },
};
