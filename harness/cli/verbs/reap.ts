import { join } from 'node:path';
import { describeReaped } from '../../run/clear-dead-clusters.ts';
import { describeError } from '../../core/errors.ts';
import { given } from '../../core/given.ts';
import { holdLease } from '../../../infra/borrowed/hold.ts';
import { describeRef } from '../../../infra/kube/objects.ts';
import { reach } from '../../../infra/providers/existing/reach.ts';
import { existingSettings } from '../../../infra/providers/existing/settings.ts';
import { providersOf } from '../../../infra/provider.ts';
import { reap as reapDead } from '../../../infra/reap.ts';
import { sweepTemporaryFolders } from '../../../infra/temporary-folders.ts';
import { unclaimedClusters } from '../../../infra/unclaimed.ts';
import { reapServers, removeKeptServers } from '../../../infra/servers/index.ts';
import { clustersRoot, foreignEntries } from '../../../infra/supervisor/cluster-directory.ts';
import { liftQuarantines } from '../../../infra/supervisor/reap.ts';
import { Installation } from '../../stage/installed.ts';
import { optionsOf, print, type Verb, type VerbContext } from './verb.ts';

/** What is left is only known in the cluster itself. */
async function reapInstalled(
  name: string,
  kubeconfig: string | undefined,
  { env, signal, err }: VerbContext,
): Promise<readonly string[]> {
  const { kube } = await reach(
    existingSettings({
      ...env,
      FIREDRILL_CONTEXT: name,
      ...given({ FIREDRILL_KUBECONFIG: kubeconfig }),
    }),
    { signal, err },
  );
  using _kube = kube;
  const hold = await holdLease(kube, `reap-${process.pid}`);
  try {
    const removed = await new Installation(kube, signal).removeAll();
    return removed.map(describeRef);
  } finally {
    await hold.release();
  }
}

/** Clears away what killed supervisors have left, and ends quarantines where nothing is left. */
export const reap: Verb = {
  name: 'reap',
  summary: 'clear away what killed runs have left behind',
  help: `firedrill reap [--context NAME [--kubeconfig PATH]] [--servers] [--json]

Every command that has to do with clusters clears away what killed supervisors have left before anything else. This one also
takes away the temporary files of killed processes, undoes again what could not be undone on a quarantined cluster, and ends
the quarantine where nothing is left.
Exit code 1 where a cluster stays quarantined or is one of another version, or servers or temporary files of a
killed process could not be removed.

  --servers  also throw-away servers that are kept to be used again
  --context  takes away what runs have installed on a cluster that runs already; refused while one is in progress there
`,
  async run(args, context) {
    const { values } = optionsOf(
      'reap',
      args,
      {
        context: { type: 'string' },
        kubeconfig: { type: 'string' },
        servers: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
      {
        bonds: [
          ['kubeconfig', 'without', 'context'],
          ['servers', 'beside', 'context'],
        ],
      },
    );
    if (values.context !== undefined) {
      const removed = await reapInstalled(values.context, values.kubeconfig, context);
      const lines =
        removed.length > 0 ? removed.map((one) => `${one}: removed`) : ['nothing was left behind'];
      print(context, values.json, { removed }, lines);
      return 0;
    }
    // Where no engine answers nothing is done: what had been would be told to nobody.
    const kept = values.servers ? await removeKeptServers(context.env) : [];
    const root = clustersRoot(context.env);
    const reaped = await reapDead(context.env);
    const unclaimed = unclaimedClusters(providersOf(context.env), context.env).filter(
      ({ isAlive }) => !isAlive,
    );
    const foreign = foreignEntries(root);
    const quarantines = await liftQuarantines(root);
    const servers = await reapServers(context.env);
    const folders = await sweepTemporaryFolders(context.env);
    const lines = [
      ...reaped.map(describeReaped),
      ...unclaimed.map(({ problem }) => describeError(problem)),
      ...foreign.map((name) => `${join(root, name)}: no cluster of ours, left alone`),
      ...quarantines.map(({ cluster, left }) =>
        left.length === 0
          ? `${cluster}: clean, no longer quarantined`
          : `${cluster}: still quarantined: ${left.join('; ')}`,
      ),
      ...servers.flatMap(({ containers }) => containers.map((name) => `${name}: removed`)),
      ...servers.flatMap(({ session, left }) =>
        left === undefined ? [] : [`servers of session ${session} are left: ${left}`],
      ),
      ...folders.map(({ folder, left }) =>
        left === undefined ? `${folder}: removed` : `${folder} is left: ${left}`,
      ),
      ...kept.map((name) => `${name}: removed`),
    ];
    print(
      context,
      values.json,
      {
        reaped,
        unclaimed: unclaimed.map(({ cluster }) => cluster),
        foreign,
        quarantines,
        servers,
        folders,
        kept,
      },
      lines.length > 0 ? lines : ['nothing was left behind'],
    );
    const isLeft =
      reaped.some(({ left }) => left !== undefined) ||
      unclaimed.length > 0 ||
      quarantines.some(({ left }) => left.length > 0) ||
      [...servers, ...folders].some(({ left }) => left !== undefined);
    return isLeft ? 1 : 0;
  },
};
