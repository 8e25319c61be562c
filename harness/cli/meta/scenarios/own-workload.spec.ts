import { greeter } from '../../../../scenarios/workloads/byo/index.ts';
import { expect, nodePowerOff, slo, test } from '../../../index.ts';

/** A team's own manifests, unchanged, in place of the storefront. */
test.use({ workload: greeter, load: 'off', gate: { steadyFor: '1s', within: '60s' } });

const greeted = slo({
  name: 'greetings',
  query:
    'sum(rate(probe_requests_total{target="greeter",outcome="ok"}[4s])) / ' +
    'sum(rate(probe_requests_total{target="greeter",outcome!="skipped"}[4s]))',
  bound: { atLeast: 0.99 },
  stableFor: '3s',
  delay: '1s',
});

test.describe('with an answer that never comes', () => {
  test.use({
    workload: { ...greeter, probe: { url: greeter.probe.url, expect: { bodyIncludes: 'good night' } } },
    gate: { steadyFor: '1s', within: '1s' },
  });

  test('an unsteady start is refused', async ({ trial }) => {
    trial.note('not reached');
    await Promise.resolve();
  });
});

test('the greeter survives the loss of a node', async ({ trial }) => {
  const loss = await trial.inject(
    nodePowerOff({ node: { hosting: 'app.kubernetes.io/name=greeter', mode: 'one' } }),
  );
  await expect(greeted).toRecoverWithin('20s', { after: loss });
});

/** The last one: what the next run finds is what this trial has put there. */
test.describe('with a healer of their own', () => {
  test.use({
    healer: {
      manifests: new URL('./other-healer.yaml', import.meta.url),
      actsAs: 'system:serviceaccount:other-healer:healer',
    },
  });

  test('a foreign healer stands beside a workload of its own', async ({ trial, place }) => {
    expect(
      await place.kube.find({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        name: 'other-healer',
      }),
    ).toBeDefined();
    await expect({ alert: 'NodeDown' }).toStaySilent('1s');
    trial.note('both are there');
  });
});
