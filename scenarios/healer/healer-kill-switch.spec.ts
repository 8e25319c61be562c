import { expect, healerActions, nodePowerOff, test } from '../../harness/index.ts';
import { aNode, HEALER, PAUSE } from './acts-of-people.ts';
import { machineCalls, messages, untilHeard, untilTold } from './told.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

/** Until the switch has reached every healer; a call that is under way is the last one. */
const AT_ONCE_MS = 500;

test('the kill switch stops a treatment in its midst, and the same treatment goes on afterwards', async ({
  trial,
}) => {
  const loss = await trial.inject(nodePowerOff({ node: await aNode(trial) }));
  await untilTold(trial, 'acted', 'Cordon', 15_000);
  await trial.change(HEALER, { metadata: { annotations: { [PAUSE]: 'a drill of the switch' } } });
  await trial.sleep(AT_ONCE_MS);
  await expect(healerActions).toStaySilent('8s');
  await untilHeard(trial, 'not treated', 20_000);
  // Once that this node is left as it is, besides the word that all healing is paused.
  expect(messages(trial, 'not treated')).toHaveLength(1);
  await trial.change(HEALER, { metadata: { annotations: { [PAUSE]: null } } });
  await expect(trial).toRegainCapacityWithin('60s', { after: loss });
  await untilTold(trial, 'recovered', 'replaced by', 60_000);
  expect(machineCalls(trial, 'replace')).toHaveLength(1);
});
