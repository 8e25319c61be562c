import { expect, nodeCableOut, nodeFreeze, nodePowerOff, slo, test } from '../harness/index.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const available = slo({
  name: 'storefront availability',
  query: 'sum(rate(storefront_requests_total{code!~"5.."}[4s])) / sum(rate(storefront_requests_total[4s]))',
  bound: { atLeast: 0.99 },
  stableFor: '5s',
});

test('the storefront survives the loss of a node', async ({ trial }) => {
  const loss = await trial.inject(nodePowerOff({ node: { hosting: 'app=storefront', mode: 'one' } }));
  await expect(available).toRecoverWithin('15s', { after: loss });
});

test('the storefront survives a node that hangs', async ({ trial }) => {
  const hang = await trial.inject(nodeFreeze({ node: { hosting: 'app=storefront', mode: 'one' } }));
  await expect(available).toRecoverWithin('20s', { after: hang });
});

test('the storefront survives a node whose cable is cut', async ({ trial }) => {
  const cut = await trial.inject(nodeCableOut({ node: { hosting: 'app=storefront', mode: 'one' } }));
  await expect(available).toRecoverWithin('20s', { after: cut });
});
