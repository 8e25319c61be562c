import { expect, podKill, slo, test } from '../harness/index.ts';
import { availability } from './storefront-availability.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const available = slo(availability);
/** The ones that users talk to; there are six. */
const theShop = { namespace: 'storefront', labels: 'app=storefront' } as const;

test('the storefront survives the death of one replica', async ({ trial }) => {
  const death = await trial.inject(podKill({ pod: { ...theShop, mode: 'one' } }));
  await expect(available).toRecoverWithin('10s', { after: death });
  await expect(trial).toRegainCapacityWithin('15s', { after: death });
});

test('the storefront survives the death of half of its replicas', async ({ trial }) => {
  const deaths = await trial.inject(podKill({ pod: { ...theShop, mode: { fixedPercent: 50 } } }));
  await expect(available).toRecoverWithin('10s', { after: deaths });
  await expect(trial).toRegainCapacityWithin('20s', { after: deaths });
});

test('the storefront survives the death of all replicas but one', async ({ trial }) => {
  const deaths = await trial.inject(podKill({ pod: { ...theShop, mode: { fixed: 5 } } }));
  await expect(available).toRecoverWithin('15s', { after: deaths });
  await expect(trial).toRegainCapacityWithin('30s', { after: deaths });
});
