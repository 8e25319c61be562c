import { greeter } from '../../../../scenarios/workloads/byo/index.ts';
import { expect, nodePowerOff, slo, test } from '../../../index.ts';

/** A team's own manifests, unchanged, in place of the storefront. */
test.use({ workload: greeter, load: 'off' });

const greeted = slo({
  name: 'greetings',
  query:
    'sum(rate(probe_requests_total{target="greeter",outcome="ok"}[4s])) / ' +
    'sum(rate(probe_requests_total{target="greeter",outcome!="skipped"}[4s]))',
  bound: { atLeast: 0.99 },
  stableFor: '3s',
  delay: '1s',
});

test('the greeter survives the loss of a node', async ({ trial }) => {
  const loss = await trial.inject(
    nodePowerOff({ node: { hosting: 'app.kubernetes.io/name=greeter', mode: 'one' } }),
  );
  await expect(greeted).toRecoverWithin('20s', { after: loss });
});

test.describe('with an answer that never comes', () => {
  test.use({
    workload: { ...greeter, probe: { url: greeter.probe.url, expect: { bodyIncludes: 'good night' } } },
    gate: { steadyFor: '1s', within: '5s' },
  });

  test('an unsteady start is refused', async ({ trial }) => {
    trial.note('not reached');
    await Promise.resolve();
  });
});
