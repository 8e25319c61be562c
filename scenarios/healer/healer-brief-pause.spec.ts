import { expect, nodeFreeze, slo, test } from '../../harness/index.ts';
import { availability } from '../objectives/storefront-availability.ts';
import { machineCalls } from './told.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const aNodeOfTheShop = { hosting: 'app=storefront', healerLeader: false, mode: 'one' } as const;

test('a node that stands still for 5 s is not fenced', async ({ trial }) => {
  const pause = await trial.inject(nodeFreeze({ node: aNodeOfTheShop, duration: '5s' }));
  await expect(slo(availability)).toRecoverWithin('15s', { after: pause, judgedBy: 'probe' });
  expect(machineCalls(trial, 'powerOff')).toEqual([]);
});
