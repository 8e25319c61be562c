import { mkdtempSync, rmSync } from 'node:fs';
import { embeddedProvider } from '../../providers/embedded/provider.ts';
import { contractSpec, type ProviderFixture } from './fixture.ts';

/** Clusters of our own in a state directory of their own, which goes with the process. */
export const embeddedFixture: ProviderFixture = {
  provider: embeddedProvider,
  async bringUp(name, signal) {
    if (process.env['FIREDRILL_STATE_DIR']?.startsWith('/tmp/fd-contract-') !== true) {
      const directory = mkdtempSync('/tmp/fd-contract-');
      process.env['FIREDRILL_STATE_DIR'] = directory;
      process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    }
    await embeddedProvider.provision(contractSpec(name), () => undefined, signal);
    return {
      name,
      attach: () => embeddedProvider.attach(name),
      // Also where a test has ended it already.
      [Symbol.asyncDispose]: async () => {
        if ((await embeddedProvider.list()).includes(name)) await embeddedProvider.end(name, { force: true });
      },
    };
  },
};
