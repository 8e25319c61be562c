import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '../../infra/cluster.ts';
import { ScriptedServer, sendJson } from '../../infra/kube/testing/scripted-server.ts';
import { DEFAULT_OPTIONS } from '../stage/options.ts';
import type { StageRequest } from '../stage/stage-request.ts';
import { prepareStage } from '../stage/prepare-stage.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { holdCluster } from './hold-cluster.ts';

const { signal } = new AbortController();
const permit = { spendable: { id: 'a', uses: 1, expiresAtWallMs: 1e15 } } as never;

/** A cluster of somebody else on which objects of these names are. */
async function clusterWith(there: RegExp) {
  const server = await ScriptedServer.start((request, response, { pathname }) => {
    if (request.method !== 'GET') sendJson(response, 201, { metadata: { name: 'x', uid: 'u' } });
    else if (there.test(pathname)) sendJson(response, 200, { metadata: { name: 'theirs' } });
    else sendJson(response, 404, { kind: 'Status', reason: 'NotFound', code: 404 });
  });
  let holds = 0;
  const cluster = {
    borrowed: true,
    kube: { server: server.url },
    hold: () => Promise.resolve({ held: ++holds, release: () => Promise.resolve(--holds) }),
  } as unknown as Cluster;
  const writes = () => server.seen.filter((line) => !line.startsWith('GET'));
  return { server, cluster, holds: () => holds, writes };
}

test('all that is in the way of a run is told at once, and neither the approval nor the hold is used up by it', async () => {
  const { server, cluster, holds, writes } = await clusterWith(
    /\/(clusterroles\/firedrill-prometheus|deployments\/(probe|firedrill-healer))$/,
  );
  await using _server = server;
  await assert.rejects(holdCluster(cluster, { runId: 'r', permit }, DEFAULT_OPTIONS, signal), {
    code: 'stage.not-ours',
    message:
      /(?=.*ClusterRole firedrill-prometheus)(?=.*Deployment \S+\/probe)(?=.*Deployment \S+\/firedrill-healer)/,
  });
  assert.deepEqual([holds(), writes()], [0, []]);
});

test('a trial, too, hears at once of all that is in the way of its own stage, and nothing was put there', async () => {
  const { server, cluster, writes } = await clusterWith(
    /\/(clusterroles\/firedrill-prometheus|services\/storefront)$/,
  );
  await using _server = server;
  using kube = new KubeClient(cluster.kube);
  const request = { cluster, kube, options: DEFAULT_OPTIONS, signal } as unknown as StageRequest;
  await assert.rejects(prepareStage(request), {
    code: 'stage.not-ours',
    message: /(?=.*ClusterRole firedrill-prometheus)(?=.*Service storefront\/storefront)/,
  });
  assert.deepEqual(writes(), []);
});

test('where nothing is in the way, the approval is spent while the cluster is held', async () => {
  const { server, cluster, holds, writes } = await clusterWith(/ /);
  await using _server = server;
  await holdCluster(cluster, { runId: 'r', permit }, DEFAULT_OPTIONS, signal);
  assert.equal(holds(), 1);
  assert.deepEqual(writes(), ['POST /api/v1/namespaces/kube-system/configmaps']);
});
