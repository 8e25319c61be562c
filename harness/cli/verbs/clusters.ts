import { embeddedProvider } from '../../../infra/embedded/provider.ts';
import { clusterPaths } from '../../../infra/state-directory.ts';
import { SupervisorClient } from '../../../infra/supervisor/client.ts';
import type { SupervisorStatus } from '../../../infra/supervisor/protocol.ts';
import { reap as reapDead } from '../../../infra/supervisor/reap.ts';
import { optionsOf, print, type Verb } from './verb.ts';

const statusOf = (name: string): Promise<SupervisorStatus> =>
  new SupervisorClient(clusterPaths(name).controlSocket).call<SupervisorStatus>('GET', '/v1/status');

/** Takes a cluster down. */
export const down: Verb = {
  name: 'down',
  summary: 'take a cluster down, and everything of it away',
  help: `firedrill down [--name NAME | --all] [--json]

  --name   name of the cluster (default: drill)
  --all    every cluster of this user
`,
  async run(args, context) {
    const { values } = optionsOf('down', args, {
      name: { type: 'string', default: 'drill' },
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const names = values.all ? await embeddedProvider.list() : [values.name];
    for (const name of names) await (await embeddedProvider.attach(name)).destroy();
    print(
      context,
      values.json,
      { down: names },
      names.length > 0 ? names.map((name) => `${name} is down`) : ['nothing was up'],
    );
    return 0;
  },
};

/** Lists clusters with their machines. */
export const status: Verb = {
  name: 'status',
  summary: 'list the clusters that are up, with their machines',
  help: `firedrill status [--name NAME] [--json]

  --name   one cluster only
  --json   everything that the supervisors know, their process ids among it
`,
  async run(args, context) {
    const { values } = optionsOf('status', args, {
      name: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    if (values.name !== undefined) await embeddedProvider.attach(values.name);
    const names = values.name === undefined ? await embeddedProvider.list() : [values.name];
    const all = await Promise.all(names.map(statusOf));
    const lines = all.flatMap((one) => [
      `${one.name}  ${one.phase}  Kubernetes ${one.kubernetesVersion || '?'}  supervisor ${one.pid}  machine interface ${one.spec.machineProfile}`,
      ...one.nodes.map((node) => {
        const marks = [
          node.power,
          ...(node.frozen ? ['frozen'] : []),
          ...(node.cableOut ? ['cable out'] : []),
        ];
        return `  ${node.name.padEnd(10)} ${node.zone.padEnd(8)} ${node.role.padEnd(7)} ${marks.join(', ')}`;
      }),
      ...one.claims.map((claim) => `  in use by session ${claim.session}, ${claim.undos} faults to undo`),
    ]);
    print(context, values.json, all, lines.length > 0 ? lines : ['no cluster is up']);
    return 0;
  },
};

/** Where kubectl finds a cluster. */
export const kubeconfig: Verb = {
  name: 'kubeconfig',
  summary: 'print the path of a kubeconfig for plain kubectl',
  help: `firedrill kubeconfig [--name NAME] [--json]

  export KUBECONFIG=$(npm run --silent firedrill -- kubeconfig)
`,
  async run(args, context) {
    const { values } = optionsOf('kubeconfig', args, {
      name: { type: 'string', default: 'drill' },
      json: { type: 'boolean', default: false },
    });
    const { kubeconfigPath } = await embeddedProvider.attach(values.name);
    print(context, values.json, { kubeconfig: kubeconfigPath }, [kubeconfigPath]);
    return 0;
  },
};

/** Clears away what killed supervisors have left. */
export const reap: Verb = {
  name: 'reap',
  summary: 'clear away what killed runs have left behind',
  help: `firedrill reap [--json]

Every command that makes clusters does this first. Clusters whose supervisor lives are not touched.
`,
  async run(args, context) {
    const { values } = optionsOf('reap', args, { json: { type: 'boolean', default: false } });
    const reaped = await reapDead();
    const lines = reaped.map(
      (one) =>
        `${one.cluster}: ${one.processes} processes, ${one.cgroups} cgroups, ${one.loopDevices} loop devices, and its files`,
    );
    print(context, values.json, reaped, lines.length > 0 ? lines : ['nothing was left behind']);
    return 0;
  },
};
