import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { writeAdoption } from '../../borrowed/permission.ts';
import { existingProvider } from '../../providers/existing/provider.ts';
import { reach } from '../../providers/existing/reach.ts';
import { clusterNameOf, existingSettings } from '../../providers/existing/settings.ts';
import { bringUpEmbedded, endEmbedded } from './embedded-fixture.ts';
import type { ProviderFixture } from './fixture.ts';

/** Clusters that were brought up beforehand by somebody else: all that is known of them is a kubeconfig. */
export const existingFixture: ProviderFixture = {
  provider: existingProvider,
  async bringUp(name, signal) {
    const made = await bringUpEmbedded(name, signal);
    const directory = mkdtempSync(join(tmpdir(), 'fd-kubeconfig-'));
    const path = join(directory, 'config');
    copyFileSync(made.kubeconfigPath, path);
    const context = (parse(readFileSync(path, 'utf8')) as { 'current-context': string })['current-context'];
    const environment = { FIREDRILL_CONTEXT: context, FIREDRILL_KUBECONFIG: path };
    const owner = await reach(existingSettings(environment));
    await writeAdoption(owner, { namespaces: ['*'], nodes: '*' });
    owner.kube.close();
    // Which cluster is meant stands in the environment: that of the last one that was brought up, or attached to.
    Object.assign(process.env, environment);
    return {
      name: clusterNameOf(context),
      attach: () => {
        Object.assign(process.env, environment);
        return existingProvider.attach(clusterNameOf(context));
      },
      [Symbol.asyncDispose]: async () => {
        await endEmbedded(name);
        rmSync(directory, { recursive: true });
      },
    };
  },
};
