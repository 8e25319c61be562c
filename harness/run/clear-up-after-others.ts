import { basename } from 'node:path';
import { sweepTemporaryFolders } from '../../infra/temporary-folders.ts';
import { writeReport } from '../../reports/write.ts';
import { systemClock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import { judgeOpenJournals } from '../trial/verdict-file.ts';
import { clearDeadClusters } from './clear-dead-clusters.ts';
import { clearDeadServers } from './clear-dead-servers.ts';
import { destroyClustersOf, type ClusterSource, type Print } from './run-cluster.ts';
import { abandonedRuns, endRunDirectory } from './run-directory.ts';
import { clusterNameOf } from './run-id.ts';

/** What a launcher that was killed has left: clusters, servers, temporary files, and journals without a verdict. */
export async function clearUpAfterOthers(
  reports: string,
  source: ClusterSource,
  print: Print,
): Promise<void> {
  await clearDeadClusters(source.env, print);
  await clearDeadServers(source.env, print);
  for (const { folder, left } of await sweepTemporaryFolders(source.env))
    if (left !== undefined) print(`${folder}, whose process was killed, is left: ${left}\n`);
  for (const directory of abandonedRuns(reports))
    try {
      await destroyClustersOf(clusterNameOf(basename(directory)), source, print);
      judgeOpenJournals(directory, 'the launcher was killed', systemClock);
      await writeReport(directory, { allure: 'results' });
    } catch (error) {
      // What a killed run has left half-written keeps no other from beginning.
      print(`${directory}, whose launcher was killed, stays without a report: ${describeError(error)}\n`);
    } finally {
      endRunDirectory(directory);
    }
}
