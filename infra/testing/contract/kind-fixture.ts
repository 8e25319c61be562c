import { mkdtempSync, rmSync } from 'node:fs';
import { kindProvider } from '../../providers/kind/provider.ts';
import { contractSpec, type ProviderFixture } from './fixture.ts';

/** Clusters of our own in a state directory of their own, which goes with the process; the node image is the environment's. */
export const kindFixture: ProviderFixture = {
  provider: kindProvider,
  async bringUp(name, signal) {
    if (process.env['FIREDRILL_STATE_DIR']?.startsWith('/tmp/fd-contract-') !== true) {
      const directory = mkdtempSync('/tmp/fd-contract-');
      process.env['FIREDRILL_STATE_DIR'] = directory;
      process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    }
    // Every cluster of an engine has its own name, whoever has made it.
    const unique = `${name}-${process.pid}`;
    await kindProvider.provision(contractSpec(unique), () => undefined, signal);
    return {
      name: unique,
      attach: () => kindProvider.attach(unique),
      // Also where a test has ended it already.
      [Symbol.asyncDispose]: async () => {
        if ((await kindProvider.list()).includes(unique)) await kindProvider.end(unique, { force: true });
      },
    };
  },
};
