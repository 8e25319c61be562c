import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { stagingCluster } from '../../../infra/providers/existing/testing/staging-cluster.ts';
import { CommandLine, ENVIRONMENT } from './command-line.ts';
import { objectsOn } from './existing-objects.ts';
import { drillsUnderAPolicy } from './existing-policy.ts';
import { adoptAll, drillPresent } from './existing-present.ts';
import { makeRunner } from './existing-runner.ts';

const line = new CommandLine();
const staging = await stagingCluster(`staging-${process.pid}`, ENVIRONMENT, AbortSignal.timeout(570_000));
after(async () => {
  await staging[Symbol.asyncDispose]();
  line[Symbol.dispose]();
});
/** The owner may everything, whoever drills only what the list of rights says. */
const kubeconfig = join(line.directory, 'runner');
await makeRunner(staging, kubeconfig);
const untouched = await objectsOn(staging.kube);

describe('scenarios on a cluster that somebody else runs', { concurrency: false }, () => {
  const { kube, context, reached } = staging;

  const run = (...args: readonly string[]) =>
    line.test([...['--provider', 'existing', '--context', context, '--kubeconfig', kubeconfig], ...args]);
  const adopt = (...args: readonly string[]) => line.firedrill('adopt', ...reached, ...args);

  it('refuses a cluster that its owner has not adopted, before anything is touched', async () => {
    const { exitCode, output } = await run('-g', 'plain expectation');
    assert.equal(exitCode, 64, output);
    assert.match(output, /existing\.not-adopted/);
    assert.deepEqual(await objectsOn(kube), untouched);
  });

  it('adopts with the UID that it prints, and with no other', async () => {
    const shown = await adopt('--namespaces', '*');
    assert.equal(shown.exitCode, 0, shown.output);
    assert.match(shown.output, /nothing was written/);
    const uid = /UID ([0-9a-f-]{36})/.exec(shown.output)?.[1] ?? '';
    assert.equal((await adopt('--namespaces', '*', '--confirm', 'another')).exitCode, 64);
    assert.equal((await adopt('--confirm', uid)).exitCode, 64);
    const written = await adopt('--namespaces', '*', '--confirm', uid);
    assert.equal(written.exitCode, 0, written.output);
    assert.match(written.output, /nodes may be hit, 0 of 4: none/);
  });

  it('says which images it needs, before anything is installed', async () => {
    const { exitCode, output } = await run('-g', 'plain expectation');
    assert.equal(exitCode, 64, output);
    assert.match(output, /existing\.images-unknown/);
    assert.match(output, /firedrill\.local\/probe:/);
    assert.match(output, /--images preloaded/);
    assert.deepEqual(await objectsOn(kube), untouched);
  });

  it('runs scenarios, tells a fault that cannot be had there, and takes away exactly what it has installed', async () => {
    const { exitCode, output } = await run('--images', 'preloaded', '-g', 'plain expectation|a node hangs');
    const verdicts = line.verdicts();
    const outcomeOf = (title: RegExp): string =>
      [...verdicts].find(([name]) => title.test(name))?.[1].outcome ?? 'none';
    assert.equal(outcomeOf(/plain expectation/), 'violated', output);
    assert.equal(outcomeOf(/a node hangs/), 'inconclusive', output);
    assert.match(output, /fault\.not-possible|node\.freeze needs node\.freeze/);
    assert.equal(exitCode, 1, output);
    assert.match(output, /objects of ours taken away again/);
    assert.deepEqual(await objectsOn(kube), untouched);
  });

  it('takes the permission back', async () => {
    const { exitCode, output } = await adopt('--remove');
    assert.equal(exitCode, 0, output);
    assert.match(output, /no longer adopted/);
  });
});

drillsUnderAPolicy(line, staging);

describe('a cluster whose owner runs a shop and monitoring', () => {
  it('is drilled with its own monitoring, and a healer of ours that is told of its machines', async () => {
    await staging.openShop();
    const adopted = await adoptAll(line, staging);
    assert.equal(adopted.exitCode, 0, adopted.output);
    const before = await objectsOn(staging.kube);
    const { exitCode, output } = await drillPresent(
      line,
      staging,
      'runs already survives the loss of a node',
    );
    assert.equal(exitCode, 0, output);
    assert.match(output, /^firedrill .* · machine interface configured · seed/m);
    assert.match(output, /monitoring +the cluster's own Prometheus/);
    assert.match(output, /workload +storefront, runs already/);
    assert.match(output, /acted .*proof: off.*replaced by/);
    assert.deepEqual(await objectsOn(staging.kube), before);
  });
});
