import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { clusterPaths } from './cluster-directory.ts';
import { SupervisedCluster, type ClusterBackend } from './supervised-cluster.ts';

/** A cluster with parts of its own. */
function clusterOf(parts: Partial<ClusterBackend>, { mock }: TestContext): SupervisedCluster {
  mock.method(process.stderr, 'write', () => true);
  // Holds are looked at every now and then for as long as a cluster stands, and this one stays.
  mock.timers.reset();
  mock.timers.enable({ apis: ['setInterval'] });
  const backend = {
    spec: { name: 'c' },
    machines: { nodes: () => [], has: () => false },
    facts: () => ({}),
    ...parts,
  } as unknown as ClusterBackend;
  const paths = clusterPaths('c', temporaryDirectory('supervised'));
  return new SupervisedCluster({ paths, makeBackend: () => backend, onEnd: () => undefined });
}

/** What a cluster tells of itself whose start has failed so. */
async function statusAfter(error: Error, context: TestContext) {
  const cluster = clusterOf({ bringUp: () => Promise.reject(error) }, context);
  await cluster.start();
  return cluster.status();
}

test('a start that its user can mend is told with code, message and next step, for whoever asked for it', async (context) => {
  const facts = { userError: true, hint: 'choose another --name' };
  const status = await statusAfter(new FiredrillError('cluster.bad-name', 'no name', facts), context);
  assert.equal(status.phase, 'failed');
  const refusal = { code: 'cluster.bad-name', message: 'no name' };
  assert.deepEqual(status.refusal, { ...refusal, hint: 'choose another --name' });
  const plain = new FiredrillError('cluster.bad-name', 'no name', { userError: true });
  assert.deepEqual((await statusAfter(plain, context)).refusal, refusal);
});

test('a start that failed by a defect or an outage refuses nothing', async (context) => {
  for (const error of [new FiredrillError('cgroup.not-removed', 'a group is left'), new Error('it broke')]) {
    const { phase, refusal, detail } = await statusAfter(error, context);
    assert.deepEqual([phase, refusal], ['failed', undefined]);
    assert.ok(detail.includes(error.message));
  }
});

test('the footprint of a cluster has its supervisor, and is unknown where that of its parts is', (context) => {
  const nodeGroups = { 'node-1': '/firedrill/c/node-1' };
  const known = clusterOf({ footprint: () => ({ nodeGroups, processes: [7] }) }, context);
  assert.deepEqual(known.footprint(), { nodeGroups, processes: [process.pid, 7] });
  assert.equal(clusterOf({ footprint: () => undefined }, context).footprint(), undefined);
});
