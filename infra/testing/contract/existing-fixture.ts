import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { removeAdoption, writeAdoption } from '../../borrowed/permission.ts';
import { existingProviderOf } from '../../providers/existing/provider.ts';
import { reach } from '../../providers/existing/reach.ts';
import { clusterNameOf, existingSettings } from '../../providers/existing/settings.ts';
import type { ProviderFixture } from './fixture.ts';

/**
 * Clusters that somebody else has brought up: all that is known of them is a kubeconfig.
 * @param bringUp as that one does
 */
export function existingFixture(bringUp: ProviderFixture['bringUp']): ProviderFixture {
  // Which cluster is meant stands in the settings: the last one that was brought up.
  let meant = existingSettings(process.env);
  return {
    provider: existingProviderOf(() => meant),
    async bringUp(name, signal) {
      const made = await bringUp(name, signal);
      const kubeconfig = join(temporaryDirectory('kubeconfig'), 'config');
      copyFileSync((await made.attach()).kubeconfigPath, kubeconfig);
      const { 'current-context': context } = parse(readFileSync(kubeconfig, 'utf8')) as {
        readonly 'current-context': string;
      };
      const env = { ...process.env, FIREDRILL_CONTEXT: context, FIREDRILL_KUBECONFIG: kubeconfig };
      const settings = existingSettings(env);
      meant = settings;
      const owner = await reach(settings);
      await writeAdoption(owner, { namespaces: ['*'], nodes: '*' });
      return {
        name: clusterNameOf(context),
        env,
        attach: () => existingProviderOf(() => settings).attach(clusterNameOf(context)),
        [Symbol.asyncDispose]: async () => {
          await removeAdoption(owner);
          owner.kube.close();
          await made[Symbol.asyncDispose]();
        },
      };
    },
  };
}
