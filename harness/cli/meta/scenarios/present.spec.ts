import { expect, nodePowerOff, podKill, slo, test } from '../../../index.ts';
import { storefront } from '../../../../scenarios/workloads/storefront/index.ts';

/** A shop that its team runs for itself: nothing of it is described here but how users reach it, and how many serve them. */
test.use({
  workload: { name: storefront.name, probe: storefront.probe, capacity: storefront.capacity },
  load: 'off',
});

/** Over four scrapes of a Prometheus that comes by every 2 s. */
const available = slo({
  name: 'availability',
  query:
    'sum(rate(probe_requests_total{target="storefront",outcome="ok"}[$window])) / ' +
    'sum(rate(probe_requests_total{target="storefront",outcome!="skipped"}[$window]))',
  window: '8s',
  bound: { atLeast: 0.99 },
  stableFor: '6s',
  delay: '2s',
});

test('the shop that runs already survives the loss of a node', async ({ trial }) => {
  const node = { hosting: 'app=storefront', healerLeader: false, mode: 'one' } as const;
  const loss = await trial.inject(nodePowerOff({ node }));
  await expect(available).toRecoverWithin('25s', { after: loss });
  await expect(trial).toRegainCapacityWithin('20s', { after: loss });
});

test('the shop that runs already survives the death of half of its replicas', async ({ trial }) => {
  const pod = { namespace: 'storefront', labels: 'app=storefront', mode: { fixedPercent: 50 } } as const;
  const deaths = await trial.inject(podKill({ pod }));
  await expect(available).toRecoverWithin('25s', { after: deaths });
  await expect(trial).toRegainCapacityWithin('20s', { after: deaths });
});
