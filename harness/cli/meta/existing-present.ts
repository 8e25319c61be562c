import {
  OWN_MONITORING,
  type StagingCluster,
} from '../../../infra/providers/existing/testing/staging-cluster.ts';
import type { CommandLine, Ended } from './command-line.ts';

/** Drills a cluster on which a shop and a monitoring of its owner's run. */
export function drillPresent(
  line: CommandLine,
  staging: StagingCluster,
  title: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const where = ['--provider', 'existing', ...staging.reached, '--images', 'preloaded'];
  const args = ['-g', title, ...where, ...OWN_MONITORING, ...staging.machines.options];
  return line.test(args, environment);
}

/** Lets every node and every namespace be hit. */
export async function adoptAll(
  line: CommandLine,
  { reached, uid }: StagingCluster,
  ...others: readonly string[]
): Promise<Ended> {
  const limits = ['--namespaces', '*', '--nodes', '*', '--confirm', uid];
  return await line.firedrill('adopt', ...reached, ...limits, ...others);
}
