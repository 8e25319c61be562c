import { providerOf, providersOf } from '../../../infra/provider.ts';
import { unclaimedClusters } from '../../../infra/unclaimed.ts';
import { COMMANDS } from '../../core/installation.ts';
import { clearDeadClusters } from '../../run/clear-dead-clusters.ts';
import { optionsOf, print, type Verb } from './verb.ts';

/** Where kubectl finds a cluster. */
export const kubeconfig: Verb = {
  name: 'kubeconfig',
  summary: 'print the path of a kubeconfig for plain kubectl',
  help: `firedrill kubeconfig [--name NAME] [--json]

  export KUBECONFIG="$(${COMMANDS.silent} kubeconfig)"
`,
  async run(args, context) {
    const { values } = optionsOf('kubeconfig', args, {
      name: { type: 'string', default: 'drill' },
      json: { type: 'boolean', default: false },
    });
    await clearDeadClusters(context.env, context.err);
    const providers = providersOf(context.env);
    const provider = await providerOf(values.name, providers, unclaimedClusters(providers, context.env));
    const { kubeconfigPath } = await provider.attach(values.name);
    print(context, values.json, { kubeconfig: kubeconfigPath }, [kubeconfigPath]);
    return 0;
  },
};
