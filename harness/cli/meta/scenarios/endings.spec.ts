import { setTimeout as delay } from 'node:timers/promises';
import { expect, nodeFreeze, test } from '../../../index.ts';

/** Ways in which a trial can end that no objective decides. The verdict that each is to have stands in its test. */
test.use({ load: 'off', healer: 'off', gate: { steadyFor: '1s', within: '60s' } });

test('a plain expectation that fails is violated', async ({ trial }) => {
  trial.note('nothing is injected');
  await delay(500);
  expect(trial.id).toBe('another');
});

test('a scenario that crashes proves nothing', async ({ trial }) => {
  trial.note('nothing is injected');
  await delay(500);
  throw new Error('the scenario has a mistake');
});

test('a guard refuses to take more than half of the nodes', async ({ trial }) => {
  await trial.inject(nodeFreeze({ node: { hosting: 'app=storefront', mode: 'all' } }));
});

test('a fault that does not bite proves nothing', async ({ trial }) => {
  Object.assign(trial.cluster.machines, { freeze: () => Promise.resolve() });
  await trial.inject(nodeFreeze({ node: { hosting: 'app=storefront', mode: 'one' } }));
});

test.describe('in time', () => {
  test.use({ deadline: '8s' });

  test('a trial that outlives its deadline proves nothing', async ({ trial }) => {
    await trial.inject(nodeFreeze({ node: { hosting: 'app=storefront', mode: 'one' } }));
    await trial.sleep(600_000);
  });
});
