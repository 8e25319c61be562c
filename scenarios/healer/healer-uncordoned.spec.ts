import { expect, healerActions, nodePowerOff, test } from '../../harness/index.ts';
import { aNode, HEALER, node, ofTheShop, PAUSE } from './acts-of-people.ts';
import { linesOf, machineCalls, untilTold } from './told.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const RECORD = 'healer.firedrill.dev/remediation';

test('a person who uncordons the node in mid-treatment ends the treatment', async ({ trial }) => {
  const loss = await trial.inject(nodePowerOff({ node: await aNode(trial) }));
  const name = loss.targets[0]?.name ?? '';
  await untilTold(trial, 'acted', 'PowerOff', 15_000);
  await trial.change(node(name), { spec: { unschedulable: null } });
  await untilTold(trial, 'acted', 'cancelled by a person', 5_000);
  await expect(healerActions).toStaySilent('8s');
  expect(machineCalls(trial, 'replace')).toEqual([]);
  // The person is done with it: the machine is switched on, and the healer made to forget.
  await trial.cluster.machines.powerOn(name);
  await loss.revert();
  await trial.change(node(name), { metadata: { annotations: { [RECORD]: null } } });
});

test('power that returns in mid-treatment takes the proof back, and with it taint and cordon', async ({
  trial,
}) => {
  const loss = await trial.inject(nodePowerOff({ node: ofTheShop }));
  const name = loss.targets[0]?.name ?? '';
  await untilTold(trial, 'acted', 'out-of-service taint', 20_000);
  await trial.change(HEALER, { metadata: { annotations: { [PAUSE]: 'power returns' } } });
  await trial.cluster.machines.powerOn(name);
  await loss.revert();
  await trial.change(HEALER, { metadata: { annotations: { [PAUSE]: null } } });
  await untilTold(trial, 'acted', 'the proof is taken back', 10_000);
  await untilTold(trial, 'acted', 'our cordon taken back', 60_000);
  await expect(trial).toRegainCapacityWithin('60s', { after: loss });
  expect(machineCalls(trial, 'replace')).toEqual([]);
  expect(linesOf(trial, 'acted', 'proof: off')).toHaveLength(1);
});
