import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  stagingCluster,
  OWN_MONITORING,
  type StagingCluster,
} from '../../../infra/existing/testing/staging-cluster.ts';
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

  const run = (environment: NodeJS.ProcessEnv = {}) => {
    const where = ['--provider', 'existing', ...staging.reached, '--images', 'preloaded'];
    const args = ['-g', 'runs already', ...where, ...OWN_MONITORING, ...staging.machines.options];
    return line.test(args, environment);
  };

  it('is drilled with its own monitoring, and a healer of ours that is told of its machines', async () => {
    const { exitCode, output } = await run();
    assert.equal(exitCode, 0, output);
  });

  it('is drilled with everything of its own', async () => {
    await staging.installHealer();
    const { exitCode, output } = await run({ FIREDRILL_HEALER: 'present' });
    assert.equal(exitCode, 0, output);
  });
});
