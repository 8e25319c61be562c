import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster, ClusterProvider, Holder } from '../../infra/cluster.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { Run } from './begin-run.ts';
import { endRun } from './end-run.ts';
import { Interrupted } from './interruption.ts';

test('after Ctrl-C a cluster that stays is let go of when nobody else of the run holds it any more', async () => {
  const worker = { id: 'worker', session: 'r', pid: 1, undos: 1 };
  const looks: (readonly Holder[])[] = [[worker], [worker], []];
  let heldBy: readonly Holder[] = [worker];
  const cluster = {
    undone: () => Promise.resolve({ undone: [], holds: (heldBy = looks.shift() ?? []) }),
  } as unknown as Cluster;
  const provider = { attach: () => Promise.resolve(cluster) } as unknown as ClusterProvider;
  const context = {
    runId: 'r',
    directory: temporaryDirectory('end'),
    clusterName: 'kept',
    clusterIsGiven: true,
  };
  let atRelease: readonly Holder[] | undefined;
  const hold = { release: () => Promise.resolve((atRelease = heldBy)) };
  await endRun(
    { context, provider } as unknown as Run,
    { provided: { cluster, hold: hold as never }, interrupted: new Interrupted('SIGINT') },
    () => undefined,
  );
  assert.deepEqual(atRelease, []);
});
