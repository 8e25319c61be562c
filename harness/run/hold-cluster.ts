import type { Cluster, Hold } from '../../infra/cluster.ts';
import { spendApproval } from '../../infra/borrowed/approvals.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { Installation } from '../stage/installed.ts';
import type { ScenarioOptions } from '../stage/options.ts';
import { stageObjects } from '../stage/stage-objects.ts';
import type { RunContext } from './run-context.ts';

/**
 * Takes a cluster that was given for a run. An approval is spent when it is held and nothing there is in the way of what every trial puts on
 * it: healer, workload and load are a trial's own.
 *
 * @throws FiredrillError `stage.not-ours`, `approval.used-up`; those of the hold
 */
export async function holdCluster(
  cluster: Cluster,
  { runId, permit }: Pick<RunContext, 'runId' | 'permit'>,
  usual: ScenarioOptions,
  signal: AbortSignal,
): Promise<Hold> {
  const hold = await cluster.hold(runId);
  try {
    using kube = new KubeClient(cluster.kube);
    const common = { ...usual, healer: 'off', load: 'off' } as const;
    if (cluster.borrowed === true)
      await new Installation(kube, signal).requireOurs(stageObjects(cluster, common));
    if (permit?.spendable !== undefined) await spendApproval(kube, permit.spendable, runId);
    return hold;
  } catch (error) {
    await hold.release();
    throw error;
  }
}
