import { existsSync } from 'node:fs';
import { madeClusters, providerOf, providersOf } from '../../../infra/provider.ts';
import { unclaimedClusters } from '../../../infra/unclaimed.ts';
import { SupervisorClient } from '../../../infra/supervisor/client.ts';
import { ANSWERS, type SupervisorStatus } from '../../../infra/supervisor/protocol.ts';
import { clusterPaths, clustersRoot } from '../../../infra/supervisor/cluster-directory.ts';
import { describeError } from '../../core/errors.ts';
import { patient } from '../../core/patience.ts';
import { COMMANDS } from '../../core/installation.ts';
import { clearDeadClusters } from '../../run/clear-dead-clusters.ts';
import { optionsOf, print, type Verb } from './verb.ts';

/** How long a supervisor has for telling its state; one that hangs must not hide the others. */
const STATUS_WITHIN_MS = patient(2_000);

/** What is known of a cluster whose supervisor did not tell, or could not be asked. */
interface Unheard {
  readonly name: string;
  readonly phase: 'starting' | 'silent' | 'unclaimed';
  readonly detail: string;
}

async function statusOf(name: string, root: string): Promise<SupervisorStatus | Unheard> {
  const { controlSocket } = clusterPaths(name, root);
  if (!existsSync(controlSocket))
    return { name, phase: 'starting', detail: 'its supervisor has not opened its door yet' };
  try {
    const client = new SupervisorClient(controlSocket);
    return await client.ask(
      ANSWERS.status,
      'GET',
      '/v1/status',
      undefined,
      AbortSignal.timeout(STATUS_WITHIN_MS),
    );
  } catch (error) {
    return { name, phase: 'silent', detail: describeError(error) };
  }
}

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
    await clearDeadClusters(context.env, context.err);
    const providers = providersOf(context.env);
    const live = await madeClusters(providers);
    const unclaimed = unclaimedClusters(providers, context.env);
    if (values.name !== undefined) await providerOf(values.name, providers, unclaimed);
    const names = values.name === undefined ? live : [values.name];
    const root = clustersRoot(context.env);
    const known = await Promise.all(names.map((name) => statusOf(name, root)));
    const others = (values.name === undefined ? unclaimed : []).map(({ cluster, problem }): Unheard => ({
      name: cluster,
      phase: 'unclaimed',
      detail: describeError(problem),
    }));
    const all = [...known, ...others];
    const lines = all.flatMap(describe);
    print(context, values.json, all, lines.length > 0 ? lines : ['no cluster is up']);
    return 0;
  },
};

function describe(one: SupervisorStatus | Unheard): string[] {
  const detail = one.detail === '' ? [] : [`  ${one.detail.replaceAll('\n', '\n  ')}`];
  if (!('nodes' in one)) return [`${one.name}  ${one.phase}`, ...detail];
  return [
    `${one.name}  ${one.phase}  Kubernetes ${one.kubernetesVersion || '?'}  supervisor ${one.pid}  machine interface ${one.spec.machineProfile}`,
    ...detail,
    ...one.nodes.map((node) => {
      const marks = [node.power, ...(node.frozen ? ['frozen'] : []), ...(node.cableOut ? ['cable out'] : [])];
      return `  ${node.name.padEnd(10)} ${node.zone.padEnd(8)} ${node.role.padEnd(7)} ${marks.join(', ')}`;
    }),
    ...one.holds.map(
      (hold) => `  in use by session ${hold.session} (pid ${hold.pid}), ${hold.undos} faults to undo`,
    ),
    ...(one.quarantined
      ? [`  quarantined: a fault could not be undone; next: ${COMMANDS.firedrill} reap`]
      : []),
  ];
}
