import { KubeClient } from '../../../../infra/kube/client.ts';
import { expect, nodeFreeze, slo, test } from '../../../index.ts';

/** Small scenarios about an objective, one for each verdict. Which one each is to have stands in its test. */
test.use({ load: 'off', healer: 'off', gate: { steadyFor: '1s', within: '60s' } });

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

test('a short hang is survived', async ({ trial }) => {
  const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '3s' }));
  await expect(available).toRecoverWithin('12s', { after: hang });
});

test('an impossible limit is violated', async ({ trial }) => {
  const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '5s' }));
  await expect(available).toRecoverWithin('1s', { after: hang, judgedBy: 'probe' });
});

test.describe('as a control', () => {
  test.use({ expected: { violated: 'availability' } });

  test('an impossible limit is violated, as expected', { tag: '@control' }, async ({ trial }) => {
    const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '5s' }));
    await expect(available).toRecoverWithin('1s', { after: hang, judgedBy: 'probe' });
  });

  test('a control that holds is not as expected', { tag: '@control' }, async ({ trial }) => {
    const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '2s' }));
    await expect(available).toRecoverWithin('6s', { after: hang, judgedBy: 'probe' });
  });
});

/** The last one: what comes after it would have to wait for another Prometheus. */
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
  await expect(available).toRecoverWithin('8s', { after: hang });
});
