import { expect, healerActions, nodePowerOff, test } from '../../harness/index.ts';
import { aNode } from './acts-of-people.ts';
import { linesOf } from './told.ts';

test.use({ workload: 'storefront', healer: 'firedrill', healerPolicy: { mode: 'observe' } });

test('a healer that observes tells what it would do about a lost node, and writes nothing', async ({
  trial,
}) => {
  await trial.inject(nodePowerOff({ node: await aNode(trial) }));
  await expect(healerActions).toStaySilent('12s');
  expect(linesOf(trial, 'acted')).toEqual([]);
  for (const step of ['Cordon', 'PowerOff', 'DeletePods'])
    expect(linesOf(trial, 'decided', `would do: ${step}`), step).toHaveLength(1);
});
