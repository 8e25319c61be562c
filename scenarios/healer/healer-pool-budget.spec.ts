import { expect, healerActions, nodePowerOff, test } from '../../harness/index.ts';
import { aNode, ofTheShop } from './acts-of-people.ts';
import { linesOf, messages, untilHeard, untilTold } from './told.ts';

test.use({
  workload: 'storefront',
  healer: 'firedrill',
  // The pool of this scenario alone: what others have used of a budget within the hour is none of its own.
  healerPolicy: { budgetPerPool: 1, poolLabel: 'kubernetes.io/os' },
});

test('a pool whose budget is used up is left alone, and a person is told once', async ({ trial }) => {
  const first = await trial.inject(nodePowerOff({ node: ofTheShop }));
  await expect(trial).toRegainCapacityWithin('20s', { after: first });
  await untilTold(trial, 'recovered', 'replaced by', 60_000);
  await trial.inject(nodePowerOff({ node: await aNode(trial) }));
  await untilTold(trial, 'refused', 'budget-pool: 1 attempts in pool linux', 30_000);
  await expect(healerActions).toStaySilent('8s');
  await untilHeard(trial, 'budget-pool', 20_000);
  expect(linesOf(trial, 'refused', 'budget-pool').length).toBeLessThanOrEqual(2);
  expect(messages(trial, 'budget-pool')).toHaveLength(1);
});
