import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stagingCluster } from '../../../infra/providers/existing/testing/staging-cluster.ts';
import { CommandLine, ENVIRONMENT } from './command-line.ts';
import { adoptAll, drillPresent } from './existing-present.ts';

test('a cluster whose owner runs a shop, monitoring and a healer is drilled with everything of its own, which is there afterwards as it was before', async () => {
  using line = new CommandLine();
  await using staging = await stagingCluster(
    `present-${process.pid}`,
    ENVIRONMENT,
    AbortSignal.timeout(570_000),
  );
  await staging.openShop();
  await staging.installHealer();
  const adopted = await adoptAll(line, staging);
  assert.equal(adopted.exitCode, 0, adopted.output);

  /** Each with the number of times that somebody has changed what it asks for. */
  const deployments = async (): Promise<readonly string[]> => {
    const { items } = await staging.kube.list({ apiVersion: 'apps/v1', kind: 'Deployment' } as const);
    return items
      .map(
        ({ metadata }) => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''} ${metadata?.generation ?? 0}`,
      )
      .toSorted();
  };
  const before = await deployments();
  const { exitCode, output } = await drillPresent(line, staging, 'runs already survives the death of half', {
    FIREDRILL_HEALER: 'present',
  });
  assert.equal(exitCode, 0, output);
  assert.match(output, /healer +2 replicas of the cluster's own/);
  assert.match(output, /objects of ours taken away again/);
  assert.deepEqual(await deployments(), before);
});
