import { expect, healerActions, nodeFreeze, test } from '../../harness/index.ts';
import { aNode } from './acts-of-people.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

test('a node that stands still for 5 s is never fenced', async ({ trial }) => {
  await trial.inject(nodeFreeze({ node: await aNode(trial), duration: '5s' }));
  await expect(healerActions).toStaySilent('15s');
});
