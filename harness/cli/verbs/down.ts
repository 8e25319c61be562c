import { madeClusters, providerOf, providersOf } from '../../../infra/provider.ts';
import { unclaimedClusters } from '../../../infra/unclaimed.ts';
import { FiredrillError, describeError } from '../../core/errors.ts';
import { clearDeadClusters } from '../../run/clear-dead-clusters.ts';
import { optionsOf, print, type Verb } from './verb.ts';

/** Takes a cluster down. */
export const down: Verb = {
  name: 'down',
  summary: 'take a cluster down, and everything of it away',
  help: `firedrill down [--name NAME | --all] [--force] [--json]

  --name   name of the cluster (default: drill)
  --all    every cluster of this user
  --force  also a cluster that a session is using

Works in every state: also for a cluster that is starting, or that never came up.
`,
  async run(args, context) {
    const { values } = optionsOf(
      'down',
      args,
      {
        name: { type: 'string', default: 'drill' },
        all: { type: 'boolean', default: false },
        force: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
      { bonds: [['name', 'beside', 'all']] },
    );
    const reaped = await clearDeadClusters(context.env, context.err);
    const providers = providersOf(context.env);
    const dead = reaped.filter((one) => one.left === undefined).map((one) => one.cluster);
    const unclaimed = unclaimedClusters(providers, context.env);
    const names = values.all
      ? [...(await madeClusters(providers)), ...unclaimed.map(({ cluster }) => cluster)]
      : [values.name];
    const ended = dead.filter((name) => values.all || name === values.name);
    const failures: unknown[] = reaped
      .filter((one) => one.left !== undefined && (values.all || one.cluster === values.name))
      .map((one) => notTakenAway(one.cluster, one.left ?? ''));
    const undead = reaped.map((one) => one.cluster);
    // One cluster that is in use does not keep the others up.
    for (const name of names.filter((one) => !undead.includes(one))) {
      try {
        await (await providerOf(name, providers, unclaimed)).end(name, { force: values.force });
        ended.push(name);
      } catch (error) {
        failures.push(error);
      }
    }
    const lines = ended.length > 0 ? ended.map((name) => `${name} is down`) : ['nothing was up'];
    if (ended.length > 0 || failures.length === 0) print(context, values.json, { down: ended }, lines);
    for (const failure of failures.slice(1)) context.err(`firedrill: ${describeError(failure)}\n`);
    if (failures.length > 0) throw failures[0];
    return 0;
  },
};

function notTakenAway(cluster: string, why: string): FiredrillError {
  return new FiredrillError('cluster.not-ended', `cluster ${cluster} could not be taken away: ${why}`, {
    hint: 'firedrill reap tries again',
  });
}
