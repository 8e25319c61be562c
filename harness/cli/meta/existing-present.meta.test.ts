import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  stagingCluster,
  OWN_MONITORING,
  type StagingCluster,
} from '../../../infra/providers/existing/testing/staging-cluster.ts';
import { CommandLine } from './command-line.ts';

describe('a cluster whose owner runs a shop, monitoring and later a healer', { concurrency: false }, () => {
  const line = new CommandLine();
  let staging: StagingCluster;

  before(async () => {
    staging = await stagingCluster(`present-${process.pid}`, AbortSignal.timeout(570_000));
    const limits = ['--namespaces', '*', '--nodes', '*', '--confirm', staging.uid];
    const { exitCode, output } = await line.firedrill('adopt', ...staging.reached, ...limits);
    assert.equal(exitCode, 0, output);
  });
  after(async () => {
    await staging[Symbol.asyncDispose]();
    line[Symbol.dispose]();
  });

  const run = (title: string, environment: NodeJS.ProcessEnv = {}) => {
    const where = ['--provider', 'existing', ...staging.reached, '--images', 'preloaded'];
    const args = ['-g', title, ...where, ...OWN_MONITORING, ...staging.machines.options];
    return line.test(args, environment);
  };

  it('is drilled with its own monitoring, and a healer of ours that is told of its machines', async () => {
    const { exitCode, output } = await run('runs already survives the loss of a node');
    assert.equal(exitCode, 0, output);
    assert.match(output, /monitoring +the cluster's own Prometheus/);
    assert.match(output, /workload +storefront, runs already/);
    assert.match(output, /acted .*proof: off.*replaced by/);
  });

  it('is drilled with everything of its own, which is there afterwards as it was before', async () => {
    await staging.installHealer();
    const before = await deployments();
    const { exitCode, output } = await run('runs already survives the death of half', {
      FIREDRILL_HEALER: 'present',
    });
    assert.equal(exitCode, 0, output);
    assert.match(output, /healer +2 replicas of the cluster's own/);
    assert.match(output, /objects of ours taken away again/);
    assert.deepEqual(await deployments(), before);
  });

  /** Each with the number of times that somebody has changed what it asks for. */
  async function deployments(): Promise<readonly string[]> {
    const { items } = await staging.kube.list({ apiVersion: 'apps/v1', kind: 'Deployment' } as const);
    return items
      .map(
        ({ metadata }) => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''} ${metadata?.generation ?? 0}`,
      )
      .toSorted();
  }
});
