import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Cluster, ClusterProvider, Hold, Holder } from '../../infra/cluster.ts';
import { ownIdentity } from '../../infra/process/identity.ts';
import { clustersRoot } from '../../infra/supervisor/cluster-directory.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { RunContext } from './run-context.ts';
import { destroyClustersOf, endClusters, type ClusterSource } from './run-cluster.ts';

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

/** A state directory with the clusters `r` and `r-2` of a run, whose supervisors have died; what `r-2` has left cannot be taken away. */
function deadClusters() {
  const directory = temporaryDirectory('run-cluster');
  const env = { FIREDRILL_STATE_DIR: directory, PATH: directory };
  const root = clustersRoot(env);
  for (const name of ['r', 'r-2']) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, 'provider'), 'kind');
    writeFileSync(join(root, name, 'maker.json'), JSON.stringify({ ...ownIdentity(), startTicks: 1 }));
  }
  const plan = { engine: { name: 'docker', version: '28' }, kindPath: '/nowhere/kind' };
  writeFileSync(join(root, 'r-2', 'spec.json'), JSON.stringify(plan));
  return { env, names: () => readdirSync(root) };
}

test('where a cluster of a run has died, what is left of it is taken away, and what stays is told', async () => {
  type End = (source: ClusterSource, print: (text: string) => void) => Promise<boolean>;
  const own = { ...run, clusterName: 'r', clusterIsGiven: false };
  const cluster = { borrowed: false } as unknown as Cluster;
  const hold = { id: 'own', release: () => Promise.reject(new Error('it is gone')) } as unknown as Hold;
  const ends: Readonly<Record<string, End>> = {
    'at its end': (source, print) => destroyClustersOf('r', source, print),
    'and is listed no more': async ({ provider, ...source }, print) => {
      const unlisted = { ...provider, list: () => Promise.resolve([]) };
      return (await endClusters(own, { ...source, provider: unlisted }, { cluster }, print)).clustersLived;
    },
    'and was held': async (source, print) =>
      (await endClusters({ ...run, clusterName: 'r' }, source, { cluster, hold }, print)).clustersLived,
  };
  for (const [when, end] of Object.entries(ends)) {
    const { env, names } = deadClusters();
    const provider = {
      list: () => Promise.resolve(names()),
      end: () => Promise.reject(new Error('nobody answers')),
    } as unknown as ClusterProvider;
    let told = '';
    assert.equal(await end({ provider, env }, (text) => void (told += text)), false, when);
    assert.deepEqual(names(), ['r-2'], when);
    assert.doesNotMatch(told, /the cluster r (is|could)/, when);
    assert.match(
      told,
      /the cluster r-2 could not be taken away: .*; npm run firedrill -- reap tries again\n/,
      when,
    );
    if (when === 'at its end') assert.match(told, /the cluster r-2 is still there: nobody answers\n/);
  }
});
