import { expect, nodePowerOff, slo, test } from '../../harness/index.ts';
import { availability } from '../objectives/storefront-availability.ts';

test.use({ workload: 'storefront', healer: 'firedrill', monitoring: 'production', deadline: '10m' });

/** Over four scrapes of 15 s, as a rule of production is written. The probe still sees every tenth of a second. */
const available = slo({ ...availability, window: '1m', stableFor: '30s' });
const title =
  'with the settings of production, monitoring sees the loss of a node, and users are served again within 2 min';

/** A loss and its judgement take some minutes, so it runs where it is named: `npm test -- scenarios/production-monitoring`. */
test(title, { tag: '@production-monitoring' }, async ({ trial }) => {
  const node = { hosting: 'app=storefront', healerLeader: false, mode: 'one' } as const;
  const loss = await trial.inject(nodePowerOff({ node }));
  await expect(available).toRecoverWithin('2m', { after: loss });
  await expect(trial).toFenceFirst({ after: loss });
  await expect(trial).toRegainCapacityWithin('15s', { after: loss });
});
