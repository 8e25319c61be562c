import { expect, healerActions, nodeFreeze, test } from '../../harness/index.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const aNodeOfTheShop = { hosting: 'app=storefront', healerLeader: false, mode: 'one' } as const;

test('a node that stands still for 5 s is not fenced', async ({ trial }) => {
  await trial.inject(nodeFreeze({ node: aNodeOfTheShop, duration: '5s' }));
  await expect(healerActions).toStaySilent('20s');
});
