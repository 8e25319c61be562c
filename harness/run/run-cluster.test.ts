import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster, Holder } from '../../infra/cluster.ts';
import type { RunContext } from './run-context.ts';
import { endClusters } from './run-cluster.ts';

const run = { runId: 'r', clusterName: 'staging', clusterIsGiven: true } as RunContext;

/** How a run ends on a cluster of somebody else that these processes hold, and whether it took its things away itself. */
async function endOf(holds: readonly Holder[]) {
  let [tookAway, released] = [false, false];
  const cluster = {
    borrowed: true,
    undone: () => Promise.resolve({ undone: [], holds }),
    get kube() {
      tookAway = true;
      return { server: 'http://127.0.0.1:9' };
    },
  } as unknown as Cluster;
  const hold = { id: 'own', release: () => Promise.resolve((released = true)) };
  await endClusters(run, {} as never, { cluster, hold: hold as never }, () => undefined);
  assert.ok(released);
  return { tookAway };
}

test('what a killed worker has broken on a cluster of somebody else is left to the reaper, and the reaper with it', async () => {
  const own = { id: 'own', session: 'r', pid: 1, undos: 0 };
  assert.deepEqual(await endOf([own, { ...own, id: 'worker', undos: 1 }]), { tookAway: false });
  assert.deepEqual(await endOf([own, { ...own, id: 'worker' }]), { tookAway: true });
});
