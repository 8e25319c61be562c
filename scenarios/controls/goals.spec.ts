import { expect, nodeCableOut, nodeFreeze, nodePowerOff, slo, test } from '../../harness/index.ts';
import { availability } from '../objectives/storefront-availability.ts';

// One period of the nodes' leases, whose age decides how soon silence is noticed: else all trials of a run meet it at the same age.
test.use({
  workload: 'storefront',
  healer: 'firedrill',
  gate: { steadyFor: '2s', within: '90s', jitter: '10s' },
});

/**
 * What we promise with a machine interface that answers at once. The probe alone judges: PromQL could not tell a second
 * from the next. Run it with `npm test -- scenarios/goals`.
 */
const available = slo(availability);
const aNodeOfTheShop = { hosting: 'app=storefront', mode: 'one' } as const;
const withoutTheLeader = { ...aNodeOfTheShop, healerLeader: false } as const;
const theLeadersNode = { ...aNodeOfTheShop, healerLeader: true } as const;

test.describe('goals', { tag: '@goals' }, () => {
  test('power lost: users within 5 s, capacity within 8 s', async ({ trial }) => {
    const loss = await trial.inject(nodePowerOff({ node: withoutTheLeader }));
    await expect(available).toRecoverWithin('5s', { after: loss, judgedBy: 'probe' });
    await expect(trial).toFenceFirst({ after: loss });
    await expect(trial).toRegainCapacityWithin('8s', { after: loss });
  });

  test("power lost, and the healer's leader with it: users within 12 s", async ({ trial }) => {
    const loss = await trial.inject(nodePowerOff({ node: theLeadersNode }));
    await expect(available).toRecoverWithin('12s', { after: loss, judgedBy: 'probe' });
    await expect(trial).toFenceFirst({ after: loss });
  });

  const silences = { 'a machine that hangs': nodeFreeze, 'a cable that is cut': nodeCableOut };
  for (const [what, fault] of Object.entries(silences)) {
    test(`${what}: users within 20 s, fenced first`, async ({ trial }) => {
      const silence = await trial.inject(fault({ node: withoutTheLeader }));
      await expect(available).toRecoverWithin('20s', { after: silence, judgedBy: 'probe' });
      await expect(trial).toFenceFirst({ after: silence });
    });
  }
});
