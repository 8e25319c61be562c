import { nodeFreeze, nodePowerOff, test } from '../../../index.ts';

/** Trials that somebody else has to end. */
test.use({ load: 'off', healer: 'off', gate: { steadyFor: '1s', within: '60s' } });

const aNode = { hosting: 'app=storefront', mode: 'one' } as const;

test('a node hangs, and the trial goes on', async ({ trial }) => {
  await trial.inject(nodeFreeze({ node: aNode }));
  await trial.sleep(600_000);
});

test('a machine is off, and nobody listens', async ({ trial }) => {
  await trial.inject(nodePowerOff({ node: aNode }));
  // This function does not notice that its trial is over: only somebody else can undo the fault before it ends.
  await trial.waitForEntry(({ kind }) => kind === 'fault.reverted', AbortSignal.timeout(40_000));
});
