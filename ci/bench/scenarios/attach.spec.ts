import { expect, podKill, test } from '../../../harness/index.ts';

/** A shop that its team runs for itself, judged by what the probe sees. */
test.use({
  workload: {
    name: 'storefront',
    probe: { url: 'http://storefront.storefront.svc.cluster.local/', expect: { bodyIncludes: 'Storefront' } },
    capacity: { namespace: 'storefront', selector: 'app=storefront', replicas: 6 },
  },
  load: 'off',
});

test('a replica is killed where everything runs already', async ({ trial }) => {
  const death = await trial.inject(
    podKill({ pod: { namespace: 'storefront', labels: 'app=storefront', mode: 'one' } }),
  );
  await expect(trial).toRegainCapacityWithin('15s', { after: death });
});
