import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '../../infra/cluster.ts';
import { nodeServiceImage } from '../../infra/images/service-image.ts';
import { applyAll } from '../../infra/kube/apply.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { deploymentReady } from '../../infra/kube/readiness.ts';
import { waitDeleted, waitForObject } from '../../infra/kube/wait.ts';
import type { StandingCluster } from '../../infra/testing/contract/fixture.ts';
import { labCluster } from '../../infra/testing/lab-cluster.ts';
import { openToolchain } from '../../infra/toolchain/index.ts';
import { storefront } from '../../scenarios/workloads/storefront/index.ts';
import { LOAD_DEFAULTS } from './load-options.ts';
import { LOAD_NAMESPACE, LOAD_POD, loadImage } from './load-pod.ts';
import { removeLoad, startLoad } from './load.ts';

describe('the storefront under load in a cluster', { concurrency: false }, () => {
  let lab: StandingCluster;
  let cluster: Cluster;
  let kube: KubeClient;
  let webReference: string;
  let loadReference: string;
  const signal = AbortSignal.timeout(300_000);

  before(async () => {
    lab = await labCluster(signal);
    cluster = await lab.attach();
    kube = new KubeClient(cluster.kube);
    const { k6 } = await openToolchain(process.env).ensure(['k6'], { signal });
    const images = [
      nodeServiceImage(storefront.images.web),
      nodeServiceImage(storefront.images.catalogue),
      loadImage(k6.path),
    ];
    const [web, catalogue, load] = await cluster.loadImages(images);
    webReference = web!.reference;
    loadReference = load!.reference;
    const manifests = storefront.manifests({ web: webReference, catalogue: catalogue!.reference });
    await applyAll(kube, manifests, { fieldManager: 'test', signal });
    for (const name of ['storefront', 'catalogue']) {
      const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'storefront', name } as const;
      await waitForObject(kube, ref, deploymentReady, { timeoutMs: 60_000, signal });
    }
  });

  after(async () => {
    const storefrontNamespace = { apiVersion: 'v1', kind: 'Namespace', name: 'storefront' } as const;
    await kube.delete(storefrontNamespace);
    await waitDeleted(kube, storefrontNamespace, { timeoutMs: 60_000, signal });
    kube.close();
    await lab[Symbol.asyncDispose]();
  });

  it('has two shop pods and one catalogue pod on every worker, none elsewhere', async () => {
    const workers = (await cluster.nodes()).filter(({ role }) => role === 'worker');
    for (const [app, perWorker] of [
      ['storefront', 2],
      ['catalogue', 1],
    ] as const) {
      const { items } = await kube.list({
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'storefront',
        labelSelector: `app=${app}`,
      });
      const perNode = new Map<string, number>();
      for (const { spec } of items) perNode.set(spec!.nodeName!, (perNode.get(spec!.nodeName!) ?? 0) + 1);
      assert.deepEqual(
        [...perNode.values()],
        workers.map(() => perWorker),
        app,
      );
    }
  });

  it('is visited at the asked rate without a failure, and the account is read at the end', async () => {
    const load = await startLoad(
      { kube, image: loadReference },
      { ...LOAD_DEFAULTS, target: storefront.probe.url, ratePerSecond: 20 },
      signal,
    );
    let counts = await load.counts(signal);
    while (counts.requests < 60) {
      await kube.clock.sleep(200, signal);
      counts = await load.counts(signal);
    }
    assert.equal(counts.dropped, 0);
    const summary = await load.stop(signal);
    assert.ok(summary.requests >= 60);
    assert.equal(summary.failed, 0);
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: LOAD_NAMESPACE, name: LOAD_POD } as const;
    assert.equal(await kube.find(ref), undefined, 'nothing of it is left');
    await removeLoad(kube, signal);
  });

  it('says at once why it cannot start', async () => {
    const options = { ...LOAD_DEFAULTS, target: 'http://storefront.storefront.svc.cluster.local/' };
    // The entry point of this image is Node, which knows none of the arguments.
    await assert.rejects(startLoad({ kube, image: webReference }, options, signal), {
      code: 'load.ended-early',
    });
    await removeLoad(kube, signal);
  });
});
