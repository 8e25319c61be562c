import { mkdtempSync, rmSync } from 'node:fs';
import { after, before } from 'node:test';
import { clustersRoot, liveClusters } from '../../../supervisor/cluster-directory.ts';
import { endCluster } from '../../../supervisor/end-cluster.ts';
import { sweepEmbedded } from '../sweep.ts';

/**
 * Gives the tests of a suite a state directory that nobody else has, ends what is left in it when they are done, and
 * removes it. Called in the body of `describe`; the path is known once the suite runs.
 */
export function ownStateDirectory(): () => string {
  let directory = '';
  before(() => {
    directory = mkdtempSync('/tmp/firedrill-test-');
    process.env['FIREDRILL_STATE_DIR'] = directory;
  });
  after(async () => {
    for (const name of liveClusters(clustersRoot()))
      await endCluster(name, { force: true, sweepers: { embedded: sweepEmbedded } });
    rmSync(directory, { recursive: true, force: true });
  });
  return () => directory;
}
