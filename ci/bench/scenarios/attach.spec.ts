import { expect, podKill, test } from '../../../harness/index.ts';
import { storefront } from '../../../scenarios/workloads/storefront/index.ts';

/** A shop that its team runs for itself, judged by what the probe sees. */
test.use({
  workload: { name: storefront.name, probe: storefront.probe, capacity: storefront.capacity },
  load: 'off',
});

test('a replica is killed where everything runs already', async ({ trial }) => {
  const death = await trial.inject(
    podKill({ pod: { namespace: 'storefront', labels: 'app=storefront', mode: 'one' } }),
  );
  await expect(trial).toRegainCapacityWithin('15s', { after: death });
});
