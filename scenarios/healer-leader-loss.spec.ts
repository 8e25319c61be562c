import { expect, nodePowerOff, slo, test } from '../harness/index.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

/** What users get, counted by a client outside of the shop: a dead server counts nothing. */
const available = slo({
  name: 'availability',
  query:
    'sum(rate(probe_requests_total{target="storefront",outcome="ok"}[4s])) / ' +
    'sum(rate(probe_requests_total{target="storefront",outcome!="skipped"}[4s]))',
  bound: { atLeast: 0.99 },
  stableFor: '5s',
  delay: '1s',
});

test("the storefront survives the loss of the node that the healer's leader runs on", async ({ trial }) => {
  const loss = await trial.inject(
    nodePowerOff({ node: { hosting: 'app=storefront', healerLeader: true, mode: 'one' } }),
  );
  await expect(available).toRecoverWithin('15s', { after: loss });
  await expect(trial).toRegainCapacityWithin('20s', { after: loss });
});
