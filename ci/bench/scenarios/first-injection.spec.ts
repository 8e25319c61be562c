import { expect, podKill, test } from '../../../harness/index.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

/** Without an objective of PromQL, whose steady state takes the window of its query: what is left is the harness's own. */
test('a replica is killed as soon as the probe says that the start is steady', async ({ trial }) => {
  const death = await trial.inject(
    podKill({ pod: { namespace: 'storefront', labels: 'app=storefront', mode: 'one' } }),
  );
  await expect(trial).toRegainCapacityWithin('15s', { after: death });
});
