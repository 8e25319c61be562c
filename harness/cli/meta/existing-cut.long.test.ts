import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadKubeconfig } from '../../../infra/kubeconfig/kubeconfig.ts';
import { writeKubeconfig } from '../../../infra/kube/testing/kubeconfig.ts';
import { networkTo } from '../../../infra/providers/existing/testing/network.ts';
import { stagingCluster } from '../../../infra/providers/existing/testing/staging-cluster.ts';
import { CommandLine, ENVIRONMENT } from './command-line.ts';
import { objectsOn, untilAsBefore } from './existing-objects.ts';
import { adoptAll } from './existing-present.ts';
import { makeRunner } from './existing-runner.ts';

test("a cluster of somebody else is cleaned up from the inside when the runner's network is gone for good, and the runner says so", async () => {
  using line = new CommandLine();
  await using staging = await stagingCluster(`cut-${process.pid}`, ENVIRONMENT, AbortSignal.timeout(570_000));
  const { kube, context } = staging;
  const kubeconfig = join(line.directory, 'runner');
  await makeRunner(staging, kubeconfig);
  const adopted = await adoptAll(line, staging);
  assert.equal(adopted.exitCode, 0, adopted.output);
  const untouched = await objectsOn(kube);

  const { caPem = '', token, server } = await loadKubeconfig({ path: kubeconfig, env: process.env });
  await using network = await networkTo(server);
  const remote = join(line.directory, 'remote');
  await writeKubeconfig(
    remote,
    { server: network.url, caPem, token: () => token?.() ?? '' },
    { name: context },
  );
  const where = ['--provider', 'existing', '--context', context, '--kubeconfig', remote];
  const started = line.start([...where, '--images', 'preloaded', '-g', 'plain expectation']);
  await started.untilPrinted(/monitoring .*Prometheus/);
  network.cut();
  assert.notDeepEqual(await objectsOn(kube), untouched);
  await untilAsBefore(kube, untouched);
  const { exitCode, output } = await started.ended;
  assert.equal(exitCode, 70, output);
  assert.match(output, /inconclusive[^]*the hold on the cluster is lost/);
  assert.match(output, /not all that we installed on .* is gone/);
});
