import { expect, nodeCableOut, nodeFreeze, nodePowerOff, slo, test } from '../../harness/index.ts';
import { availability } from '../objectives/storefront-availability.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const available = slo(availability);

const theLeadersNode = { hosting: 'app=storefront', healerLeader: true, mode: 'one' } as const;

test("the storefront survives the loss of the node that the healer's leader runs on", async ({ trial }) => {
  const loss = await trial.inject(nodePowerOff({ node: theLeadersNode }));
  await expect(available).toRecoverWithin('15s', { after: loss });
  await expect(trial).toRegainCapacityWithin('20s', { after: loss });
});

const silences = { hangs: nodeFreeze, 'is cut off': nodeCableOut };
for (const [what, fault] of Object.entries(silences)) {
  test(`the storefront survives that the node of the healer's leader ${what}`, async ({ trial }) => {
    const silence = await trial.inject(fault({ node: theLeadersNode }));
    await expect(available).toRecoverWithin('30s', { after: silence });
    await expect(trial).toFenceFirst({ after: silence });
    await expect(trial).toRegainCapacityWithin('35s', { after: silence });
  });
}
