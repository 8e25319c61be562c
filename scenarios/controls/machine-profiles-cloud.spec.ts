import { expect, nodePowerOff, slo, test } from '../../harness/index.ts';
import { availability } from '../objectives/storefront-availability.ts';

test.use({
  workload: 'storefront',
  healer: 'firedrill',
  cluster: { workers: 3, zones: 3, machineProfile: 'cloud', environment: 'drill' },
});

const available = slo(availability);
/** The interface goes on saying `on` for one to two minutes after the loss: only active fencing is faster. */
const title = 'a machine interface that is slow to know: fencing by ourselves serves users again within 30 s';

/** It needs a cluster of its own, so it runs where it is named: `npm test -- scenarios/machine-profiles`. */
test(title, { tag: '@machine-profiles' }, async ({ trial }) => {
  const node = { hosting: 'app=storefront', healerLeader: false, mode: 'one' } as const;
  const loss = await trial.inject(nodePowerOff({ node }));
  await expect(available).toRecoverWithin('30s', { after: loss });
  await expect(trial).toFenceFirst({ after: loss });
  await expect(trial).toRegainCapacityWithin('40s', { after: loss });
});
