import { expect, nodePowerOff, test } from '../../harness/index.ts';
import { deployment, ofTheShop, restarted } from './acts-of-people.ts';
import { machineCalls, untilTold } from './told.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

test('a healer that is rolled out anew in mid-treatment goes on with it: one fencing, one replacement', async ({
  trial,
}) => {
  const loss = await trial.inject(nodePowerOff({ node: ofTheShop }));
  await untilTold(trial, 'acted', 'PowerOff', 30_000);
  await trial.change(deployment('firedrill-system', 'firedrill-healer'), restarted);
  await expect(trial).toFenceFirst({ after: loss });
  await expect(trial).toRegainCapacityWithin('60s', { after: loss });
  await untilTold(trial, 'recovered', 'replaced by', 60_000);
  // Its name is that of the attempt, whichever process asks.
  expect(new Set(machineCalls(trial, 'powerOff')).size).toBe(1);
  expect(new Set(machineCalls(trial, 'replace')).size).toBe(1);
});
