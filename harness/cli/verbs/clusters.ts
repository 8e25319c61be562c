import { existsSync } from 'node:fs';
import { holdLease } from '../../../infra/borrowed/hold.ts';
import { reach } from '../../../infra/providers/existing/reach.ts';
import { existingSettings } from '../../../infra/providers/existing/settings.ts';
import { describeRef } from '../../../infra/kube/objects.ts';
import { madeClusters, providerOf } from '../../../infra/provider.ts';
import { reapServers, removeKeptServers } from '../../../infra/servers/index.ts';
import { clusterPaths } from '../../../infra/supervisor/cluster-directory.ts';
import { SupervisorClient } from '../../../infra/supervisor/client.ts';
import type { SupervisorStatus } from '../../../infra/supervisor/protocol.ts';
import { reap as reapDead } from '../../../infra/reap.ts';
import { liftQuarantines, type Reaped } from '../../../infra/supervisor/reap.ts';
import { FiredrillError, describeError } from '../../core/errors.ts';
import { COMMANDS } from '../../core/installation.ts';
import { Installation } from '../../stage/installed.ts';
import { optionsOf, print, type Verb } from './verb.ts';

/** How long a supervisor has for telling its state; one that hangs must not hide the others. */
const STATUS_WITHIN_MS = 2_000;

/** What is known of a cluster whose supervisor did not tell. */
interface Unheard {
  readonly name: string;
  readonly phase: 'starting' | 'silent';
  readonly detail: string;
}

async function statusOf(name: string): Promise<SupervisorStatus | Unheard> {
  const { controlSocket } = clusterPaths(name);
  if (!existsSync(controlSocket))
    return { name, phase: 'starting', detail: 'its supervisor has not opened its door yet' };
  try {
    const client = new SupervisorClient(controlSocket);
    return await client.call<SupervisorStatus>(
      'GET',
      '/v1/status',
      undefined,
      AbortSignal.timeout(STATUS_WITHIN_MS),
    );
  } catch (error) {
    return { name, phase: 'silent', detail: describeError(error) };
  }
}

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
    const { values } = optionsOf('down', args, {
      name: { type: 'string', default: 'drill' },
      all: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const reaped = await reapDead();
    const dead = reaped.filter((one) => one.left === undefined).map((one) => one.cluster);
    const names = values.all ? await madeClusters() : [values.name];
    const ended = dead.filter((name) => values.all || name === values.name);
    const failures: unknown[] = reaped
      .filter((one) => one.left !== undefined && (values.all || one.cluster === values.name))
      .map((one) => notTakenAway(one.cluster, one.left ?? ''));
    const undead = reaped.map((one) => one.cluster);
    // One cluster that is in use does not keep the others up.
    for (const name of names.filter((one) => !undead.includes(one))) {
      try {
        await (await providerOf(name)).end(name, { force: values.force });
        ended.push(name);
      } catch (error) {
        failures.push(error);
      }
    }
    print(
      context,
      values.json,
      { down: ended },
      ended.length > 0 || failures.length > 0 ? ended.map((name) => `${name} is down`) : ['nothing was up'],
    );
    for (const failure of failures.slice(1)) context.err(`firedrill: ${describeError(failure)}\n`);
    if (failures.length > 0) throw failures[0];
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
    await reapDead();
    const live = await madeClusters();
    if (values.name !== undefined) await providerOf(values.name);
    const all = await Promise.all((values.name === undefined ? live : [values.name]).map(statusOf));
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
    ...(one.quarantined ? ['  quarantined: a fault could not be undone; next: firedrill reap'] : []),
  ];
}

/** Where kubectl finds a cluster. */
export const kubeconfig: Verb = {
  name: 'kubeconfig',
  summary: 'print the path of a kubeconfig for plain kubectl',
  help: `firedrill kubeconfig [--name NAME] [--json]

  export KUBECONFIG=$(${COMMANDS.silent} kubeconfig)
`,
  async run(args, context) {
    const { values } = optionsOf('kubeconfig', args, {
      name: { type: 'string', default: 'drill' },
      json: { type: 'boolean', default: false },
    });
    await reapDead();
    const { kubeconfigPath } = await (await providerOf(values.name)).attach(values.name);
    print(context, values.json, { kubeconfig: kubeconfigPath }, [kubeconfigPath]);
    return 0;
  },
};

/** What is left is only known in the cluster itself. */
async function reapInstalled(
  name: string,
  kubeconfig: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { kube } = await reach(
    existingSettings({
      ...process.env,
      FIREDRILL_CONTEXT: name,
      ...(kubeconfig === undefined ? {} : { FIREDRILL_KUBECONFIG: kubeconfig }),
    }),
  );
  try {
    const hold = await holdLease(kube, `reap-${process.pid}`);
    try {
      const removed = await new Installation(kube, signal).removeAll();
      return removed.map(describeRef);
    } finally {
      await hold.release();
    }
  } finally {
    kube.close();
  }
}

/** Clears away what killed supervisors have left, and ends quarantines where nothing is left. */
export const reap: Verb = {
  name: 'reap',
  summary: 'clear away what killed runs have left behind',
  help: `firedrill reap [--context NAME [--kubeconfig PATH]] [--servers] [--json]

Every command that has to do with clusters clears away what killed supervisors have left before anything else. This one also
undoes again what could not be undone on a quarantined cluster, and ends the quarantine where nothing is left.
Exit code 1 where a cluster stays quarantined, or servers of a killed process could not be removed.

  --servers  also throw-away servers that are kept to be used again
  --context  takes away what runs have installed on a cluster that runs already; refused while one is in progress there
`,
  async run(args, context) {
    const { values } = optionsOf('reap', args, {
      context: { type: 'string' },
      kubeconfig: { type: 'string' },
      servers: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    if (values.context !== undefined) {
      const removed = await reapInstalled(values.context, values.kubeconfig, context.signal);
      const lines =
        removed.length > 0 ? removed.map((one) => `${one}: removed`) : ['nothing was left behind'];
      print(context, values.json, { removed }, lines);
      return 0;
    }
    const reaped = await reapDead();
    const quarantines = await liftQuarantines();
    const servers = await reapServers();
    const kept = values.servers ? await removeKeptServers() : [];
    const lines = [
      ...reaped.map(describeReaped),
      ...quarantines.map(({ cluster, left }) =>
        left.length === 0
          ? `${cluster}: clean, no longer quarantined`
          : `${cluster}: still quarantined: ${left.join('; ')}`,
      ),
      ...servers.flatMap(({ containers }) => containers.map((name) => `${name}: removed`)),
      ...servers.flatMap(({ session, left }) =>
        left === undefined ? [] : [`servers of session ${session} are left: ${left}`],
      ),
      ...kept.map((name) => `${name}: removed`),
    ];
    print(
      context,
      values.json,
      { reaped, quarantines, servers, kept },
      lines.length > 0 ? lines : ['nothing was left behind'],
    );
    const isLeft =
      reaped.some(({ left }) => left !== undefined) ||
      quarantines.some(({ left }) => left.length > 0) ||
      servers.some(({ left }) => left !== undefined);
    return isLeft ? 1 : 0;
  },
};

function describeReaped({ cluster, left, processes, cgroups, loopDevices, containers }: Reaped): string {
  if (left !== undefined) return `${cluster}: could not be taken away: ${left}`;
  const found = { processes, cgroups, 'loop devices': loopDevices, containers };
  const counts = Object.entries(found).filter(([, count]) => count > 0);
  return `${cluster}: ${[...counts.map(([what, count]) => `${count} ${what}`), 'its files'].join(', ')}`;
}

function notTakenAway(cluster: string, why: string): FiredrillError {
  return new FiredrillError('cluster.not-ended', `cluster ${cluster} could not be taken away: ${why}`, {
    hint: 'firedrill reap tries again',
  });
}
