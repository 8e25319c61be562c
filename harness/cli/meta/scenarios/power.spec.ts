import { setTimeout as delay } from 'node:timers/promises';
import { nodePowerOff, test } from '../../../index.ts';

test.use({ load: 'off', healer: 'off', gate: { steadyFor: '1s', within: '60s' } });

test('a machine is off, and nobody listens', async ({ trial }) => {
  await trial.inject(nodePowerOff({ node: { hosting: 'app=storefront', mode: 'one' } }));
  // Not trial.sleep: this does not notice that the trial is over.
  await delay(40_000);
});
