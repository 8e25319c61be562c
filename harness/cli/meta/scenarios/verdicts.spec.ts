import { setTimeout as delay } from 'node:timers/promises';
import { KubeClient } from '../../../../infra/kube/client.ts';
import { expect, nodeFreeze, slo, test } from '../../../index.ts';

/** Small scenarios, one for each way in which a trial can end. The verdict that each is to have stands in its test. */
test.use({ load: 'off', gate: { steadyFor: '1s', within: '60s' } });

const available = slo({
  name: 'availability',
  query:
    'sum(rate(probe_requests_total{target="storefront",outcome="ok"}[4s])) / ' +
    'sum(rate(probe_requests_total{target="storefront",outcome!="skipped"}[4s]))',
  bound: { atLeast: 0.99 },
  stableFor: '2s',
  delay: '1s',
});
const aNode = { hosting: 'app=storefront', mode: 'one' } as const;

test.describe('without a healer', () => {
  test.use({ healer: 'off' });

  test('a short hang is survived', async ({ trial }) => {
    const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '3s' }));
    await expect(available).toRecoverWithin('20s', { after: hang });
  });

  test('an impossible limit is violated', async ({ trial }) => {
    const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '5s' }));
    await expect(available).toRecoverWithin('1s', { after: hang, judgedBy: 'probe' });
  });

  test('a fault that does not bite proves nothing', async ({ trial }) => {
    Object.assign(trial.cluster.machines, { freeze: () => Promise.resolve() });
    const hang = await trial.inject(nodeFreeze({ node: aNode }));
    await expect(available).toRecoverWithin('20s', { after: hang });
  });

  test('a Prometheus that dies takes the verdict with it', async ({ trial }) => {
    const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '3s' }));
    const kube = new KubeClient(trial.cluster.kube);
    const pods = await kube.list({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'monitoring',
      labelSelector: 'app=prometheus',
    });
    for (const pod of pods.items)
      await kube.deletePod(
        { namespace: 'monitoring', name: pod.metadata?.name ?? '' },
        { gracePeriodSeconds: 0 },
      );
    kube.close();
    await expect(available).toRecoverWithin('20s', { after: hang });
  });

  test('a plain expectation that fails is violated', async ({ trial }) => {
    trial.note('nothing is injected');
    await delay(500);
    expect(trial.id).toBe('another');
  });

  test('a scenario that crashes proves nothing', async ({ trial }) => {
    trial.note('nothing is injected');
    await delay(500);
    throw new Error('the scenario has a mistake');
  });

  test('a trial that outlives its deadline proves nothing', async ({ trial }) => {
    await trial.inject(nodeFreeze({ node: aNode }));
    await trial.sleep(600_000);
  });

  test('a guard refuses to take more than half of the nodes', async ({ trial }) => {
    await trial.inject(nodeFreeze({ node: { hosting: 'app=storefront', mode: 'all' } }));
  });

  test.describe('as a control', () => {
    test.use({ expected: 'violated' });

    test('an impossible limit is violated, as expected', { tag: '@control' }, async ({ trial }) => {
      const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '5s' }));
      await expect(available).toRecoverWithin('1s', { after: hang, judgedBy: 'probe' });
    });

    test('a control that holds is not as expected', { tag: '@control' }, async ({ trial }) => {
      const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '2s' }));
      await expect(available).toRecoverWithin('30s', { after: hang, judgedBy: 'probe' });
    });
  });
});
