import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { asTyped } from '../../../harness/core/installation.ts';
import type { ClusterProvider } from '../../cluster.ts';
import { ExistingCluster, notOurs } from './existing-cluster.ts';
import { ownMachines, reachMachines } from './machines.ts';
import { requireAdoption } from '../../borrowed/permission.ts';
import { requireRights } from '../../borrowed/rights.ts';
import { noContext, reach } from './reach.ts';
import { clusterNameOf, existingSettings, type ExistingSettings } from './settings.ts';

const SETTINGS = [
  ...['CONTEXT', 'KUBECONFIG', 'IMAGES', 'PROMETHEUS', 'ALERTMANAGER', 'APPROVAL'],
  ...['MACHINES_URL', 'MACHINES_CA_FILE', 'MACHINES_TOKEN_FILE', 'MACHINES_URL_FROM_PODS'],
].map((name) => `FIREDRILL_${name}`);

/** A cluster that runs already, in the context that an environment names; it works for any user. */
export const existingProvider = (env: NodeJS.ProcessEnv): ClusterProvider =>
  existingProviderOf(() => existingSettings(env));

/** @param settings asked anew for each call: those that are wrong are an error of the call */
export function existingProviderOf(settings: () => ExistingSettings): ClusterProvider {
  const provider: ClusterProvider = {
    name: 'existing',
    onlyWhenAsked: true,
    settings: SETTINGS,

    async applies() {
      const told = settings();
      if (told.context === undefined) {
        return {
          yes: false,
          reasons: [`no context is named (${noContext(told).hint ?? ''})`],
        };
      }
      try {
        const cluster = await provider.attach(clusterNameOf(told.context));
        return cluster.uid === '' ? { yes: false, reasons: ['it has no identity'] } : { yes: true };
      } catch (error) {
        const hint = error instanceof FiredrillError ? error.hint : undefined;
        return {
          yes: false,
          reasons: [messageOf(error) + (hint === undefined ? '' : ` (${asTyped(hint)})`)],
        };
      }
    },

    standing() {
      const told = settings();
      if (told.context === undefined) throw noContext(told);
      return clusterNameOf(told.context);
    },

    provision: (spec) => Promise.reject(notOurs(spec.name)),

    /** Looks at everything that could stop a run before anything is touched. */
    async attach(name, signal) {
      const told = settings();
      const reached = await reach(told, { signal });
      try {
        const known = clusterNameOf(reached.context);
        if (name !== known) throw unknown(name, known);
        await requireRights(reached.kube, reached.context);
        await requireAdoption(reached);
        const machines = told.machines && (await reachMachines(told.machines, ownMachines(reached)));
        return new ExistingCluster(reached, told, machines);
      } catch (error) {
        reached.kube.close();
        throw error;
      }
    },

    end: (name) => Promise.reject(notOurs(name)),

    list() {
      const { context } = settings();
      return Promise.resolve(context === undefined ? [] : [clusterNameOf(context)]);
    },

    async collectLogs(name, directory) {
      const cluster = await provider.attach(name);
      await cluster.collectLogs(directory);
    },
  };
  return provider;
}

function unknown(name: string, known: string): FiredrillError {
  return new FiredrillError(
    'cluster.unknown',
    `the context that is set is the cluster ${known}, not ${name}`,
    { hint: 'leave --cluster out, or name another --context' },
  );
}
