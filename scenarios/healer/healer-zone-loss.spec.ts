import { expect, healerActions, nodePowerOff, slo, test } from '../../harness/index.ts';
import { availability } from '../objectives/storefront-availability.ts';
import { besideTheHealer } from './acts-of-people.ts';
import { linesOf, machineCalls, messages, untilHeard, untilTold } from './told.ts';

test.use({
  workload: 'storefront',
  healer: 'firedrill',
  cluster: { workers: 4, zones: 2, machineProfile: 'bmc', environment: 'drill' },
});

const available = slo(availability);

test('a zone without power is one treatment of all its nodes at once', async ({ trial }) => {
  const [leader] = await trial.choose({
    kind: 'node',
    hosting: 'app=storefront',
    healerLeader: true,
    mode: 'one',
  });
  const elsewhere = `topology.kubernetes.io/zone,topology.kubernetes.io/zone!=${leader?.zone ?? ''}`;
  const loss = await trial.inject(
    nodePowerOff({
      node: { labels: `firedrill.dev/role=worker,${elsewhere}`, mode: 'all' },
      allow: ['last-ready-replica'],
    }),
  );
  expect(loss.targets).toHaveLength(2);
  await expect(available).toRecoverWithin('10s', { after: loss });
  await expect(trial).toFenceFirst({ after: loss });
  await expect(trial).toRegainCapacityWithin('40s', { after: loss });
  // Every treatment has a message of its own, and this is one incident.
  expect(new Set(messages(trial, 'has begun').map((text) => text.split('`')[1])).size).toBe(1);
});

test.describe('with three quarters of the nodes that have to be left', () => {
  test.use({ healerPolicy: { minimumHealthyPercent: 75 } });

  test('more nodes lost at once than may be: none is fenced, and people hear why', async ({ trial }) => {
    const loss = await trial.inject(nodePowerOff({ node: { ...besideTheHealer, mode: 'all' } }));
    expect(loss.targets).toHaveLength(2);
    await untilTold(trial, 'refused', 'minimum-healthy: 3 of 5', 20_000);
    await expect(healerActions).toStaySilent('12s');
    await untilHeard(trial, 'minimum-healthy', 20_000);
    // Once for each node, or before that once for the zone.
    expect(messages(trial, 'minimum-healthy').length).toBeLessThanOrEqual(2);
    expect(linesOf(trial, 'acted')).toEqual([]);
    expect(machineCalls(trial, 'powerOff')).toEqual([]);
  });
});

test.describe('stock Kubernetes', () => {
  test.use({ healer: 'off', expected: { violated: 'c1' } });

  test('does not bring back what a zone without power has taken', { tag: '@control' }, async ({ trial }) => {
    const node = {
      labels: 'topology.kubernetes.io/zone=zone-2,firedrill.dev/role=worker',
      mode: 'all',
    } as const;
    const loss = await trial.inject(nodePowerOff({ node, allow: ['last-ready-replica'] }));
    await expect(available).toRecoverWithin('10s', { after: loss });
  });
});
