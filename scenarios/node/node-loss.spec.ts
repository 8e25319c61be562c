import {
  expect,
  healerActions,
  nodeCableOut,
  nodeFreeze,
  nodePowerOff,
  slo,
  test,
} from '../../harness/index.ts';
import { availability } from '../objectives/storefront-availability.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const available = slo(availability);
const aNodeOfTheShop = { hosting: 'app=storefront', mode: 'one' } as const;
/** The loss of the healer's own leader takes longer: healer-leader-loss.spec.ts. */
const withoutTheLeader = { ...aNodeOfTheShop, healerLeader: false } as const;

test('the storefront survives the loss of a node', async ({ trial }) => {
  const loss = await trial.inject(nodePowerOff({ node: withoutTheLeader }));
  await expect(available).toRecoverWithin('10s', { after: loss });
  await expect(trial).toFenceFirst({ after: loss });
  await expect(trial).toRegainCapacityWithin('15s', { after: loss });
});

test('the storefront survives a node that hangs', async ({ trial }) => {
  const hang = await trial.inject(nodeFreeze({ node: withoutTheLeader }));
  await expect(available).toRecoverWithin('20s', { after: hang });
  await expect(trial).toFenceFirst({ after: hang });
  await expect(trial).toRegainCapacityWithin('25s', { after: hang });
});

test('the storefront survives a node whose cable is cut', async ({ trial }) => {
  const cut = await trial.inject(nodeCableOut({ node: withoutTheLeader }));
  await expect(available).toRecoverWithin('20s', { after: cut });
  await expect(trial).toFenceFirst({ after: cut });
  await expect(trial).toRegainCapacityWithin('25s', { after: cut });
});

test('the healer leaves a healthy cluster alone', { tag: '@control' }, async ({ trial }) => {
  trial.note('two minutes without a fault');
  await expect(healerActions).toStaySilent('2m');
});

test.describe('stock Kubernetes', () => {
  // The third claim: the first two are the figures of stock Kubernetes, and have to hold.
  test.use({ healer: 'off', expected: { violated: 'c3' }, deadline: '12m' });

  const faults = {
    'a node that is lost': nodePowerOff,
    'a node that hangs': nodeFreeze,
    'a node whose cable is cut': nodeCableOut,
  };
  for (const [what, fault] of Object.entries(faults)) {
    test(`does not heal ${what} in time`, { tag: '@control' }, async ({ trial }) => {
      const injection = await trial.inject(fault({ node: aNodeOfTheShop }));
      // First its own two figures, then the claim that only a healer can keep.
      await expect(available).toRecoverWithin('90s', { after: injection });
      await expect(trial).toRegainCapacityWithin('8m', { after: injection });
      await expect(available).toRecoverWithin('20s', { after: injection });
    });
  }
});
