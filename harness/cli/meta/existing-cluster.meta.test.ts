import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { embeddedProvider } from '../../../infra/providers/embedded/provider.ts';
import { KubeClient } from '../../../infra/kube/client.ts';
import { applyAll } from '../../../infra/kube/apply.ts';
import { networkTo } from '../../../infra/providers/existing/testing/network.ts';
import { NEEDED_RIGHTS, rightsManifests } from '../../../infra/borrowed/rights.ts';
import { loadKubeconfig, writeKubeconfig } from '../../../infra/kube/kubeconfig.ts';
import { clusterSpec } from '../../run/attach-cluster.ts';
import { DEFAULT_OPTIONS } from '../../stage/options.ts';
import { reaperImage, stageImages } from '../../stage/stage-images.ts';
import { describeWorkload } from '../../stage/workload.ts';
import { CommandLine } from './command-line.ts';

/** 15 s of silence, and what Kubernetes takes to collect what has lost its owner. */
const CLEAN_WITHIN_MS = 90_000;
const CLUSTER = `staging-${process.pid}`;

describe('scenarios on a cluster that somebody else runs', { concurrency: false }, () => {
  const line = new CommandLine();
  /** The owner may everything, whoever drills only what the list of rights says. */
  const owner = join(line.directory, 'owner');
  const kubeconfig = join(line.directory, 'runner');
  const signal = AbortSignal.timeout(500_000);
  let kube: KubeClient;
  let context = '';
  let untouched: readonly string[];

  before(async () => {
    // Those of a usual run: its nodes' disk is in the cache then.
    const workload = describeWorkload('storefront');
    const images = await stageImages(DEFAULT_OPTIONS, workload, () => undefined, signal);
    const cluster = await embeddedProvider.provision(
      {
        ...clusterSpec(CLUSTER, { ...DEFAULT_OPTIONS.cluster, machineProfile: 'none' }),
        images: [...images.forInfra, ...images.forWorkers],
      },
      () => undefined,
      signal,
    );
    await cluster.loadImages([reaperImage()]);
    copyFileSync(cluster.kubeconfigPath, owner);
    const { context: name, ...target } = await loadKubeconfig({ path: owner });
    context = name;
    kube = new KubeClient(target);
    const token = await makeRunner();
    const { server, caPem = '' } = target;
    await writeKubeconfig(kubeconfig, { server, caPem, token: () => token }, { name: context });
    untouched = await objects();
  });
  after(async () => {
    kube.close();
    await line.firedrill('down', '--name', CLUSTER);
    line[Symbol.dispose]();
  });

  /** Everything that a run may have put there, by kind, namespace and name. */
  async function objects(): Promise<readonly string[]> {
    const kinds = [
      ['v1', 'Namespace'],
      ['v1', 'ConfigMap'],
      ['v1', 'Secret'],
      ['v1', 'Service'],
      ['v1', 'ServiceAccount'],
      ['apps/v1', 'Deployment'],
      ['coordination.k8s.io/v1', 'Lease'],
      ['policy/v1', 'PodDisruptionBudget'],
      ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
      ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
    ] as const;
    const lists = await Promise.all(kinds.map(([apiVersion, kind]) => kube.list({ apiVersion, kind })));
    return (
      lists
        .flatMap(
          ({ items }) =>
            items as readonly { kind?: string; metadata?: { namespace?: string; name?: string } }[],
        )
        // What Kubernetes itself writes comes and goes.
        .filter(
          ({ metadata }) =>
            !/^kube-/.test(metadata?.namespace ?? '') || /^firedrill/.test(metadata?.name ?? ''),
        )
        .map(({ kind, metadata }) => `${kind} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`)
        .toSorted()
    );
  }

  /** A service account with the rights that a run asks for, and no others; returns its token. */
  async function makeRunner(): Promise<string> {
    const account = { namespace: 'default', name: 'runner' };
    await kube.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
    const user = `system:serviceaccount:${account.namespace}:${account.name}`;
    await applyAll(kube, rightsManifests(NEEDED_RIGHTS, user), { fieldManager: 'owner' });
    // Which cluster this is may be seen by whoever may see namespaces, which is among them.
    const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3_600 },
    };
    const { status } = await kube.request<{ status: { token: string } }>({ method: 'POST', path, body });
    return status.token;
  }

  const existing = () => ['--provider', 'existing', '--context', context, '--kubeconfig', kubeconfig];
  const run = (...args: readonly string[]) => line.test([...existing(), ...args]);
  const adopt = (...args: readonly string[]) =>
    line.firedrill('adopt', '--context', context, '--kubeconfig', owner, ...args);

  it('refuses a cluster that its owner has not adopted, before anything is touched', async () => {
    const { exitCode, output } = await run('-g', 'plain expectation');
    assert.equal(exitCode, 64, output);
    assert.match(output, /existing\.not-adopted/);
    assert.deepEqual(await objects(), untouched);
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
    assert.deepEqual(await objects(), untouched);
  });

  it('runs scenarios, tells a fault that cannot be had there, and takes away exactly what it has installed', async () => {
    const { exitCode, output } = await run('--images', 'preloaded', '-g', 'plain expectation|short hang');
    const verdicts = line.verdicts();
    const outcomeOf = (title: RegExp): string =>
      [...verdicts].find(([name]) => title.test(name))?.[1].outcome ?? 'none';
    assert.equal(outcomeOf(/plain expectation/), 'violated', output);
    assert.equal(outcomeOf(/short hang/), 'inconclusive', output);
    assert.match(output, /fault\.not-possible|node\.freeze needs node\.freeze/);
    assert.equal(exitCode, 1, output);
    assert.match(output, /objects of ours taken away again/);
    assert.deepEqual(await objects(), untouched);
  });

  it("is cleaned up from the inside when the runner's network is gone for good, and the runner says so", async () => {
    const { caPem = '', token, server } = await loadKubeconfig({ path: kubeconfig });
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
    assert.notDeepEqual(await objects(), untouched);
    const endMs = performance.now() + CLEAN_WITHIN_MS;
    let left = await objects();
    while (left.length > 0 && performance.now() < endMs) {
      await delay(500);
      left = (await objects()).filter((one) => !untouched.includes(one));
    }
    assert.deepEqual(left, []);
    const { exitCode, output } = await started.ended;
    assert.equal(exitCode, 70, output);
    assert.match(output, /inconclusive[^]*the hold on the cluster is lost/);
    assert.match(output, /not all that we installed on .* is gone/);
  });

  it('takes the permission back', async () => {
    const { exitCode, output } = await adopt('--remove');
    assert.equal(exitCode, 0, output);
    assert.match(output, /no longer adopted/);
  });
});
