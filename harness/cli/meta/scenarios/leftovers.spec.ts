import { greeter } from '../../../../scenarios/workloads/byo/index.ts';
import { expect, test } from '../../../index.ts';

test.use({ load: 'off' });

const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  name: 'other-healer',
} as const;

test.describe('first', () => {
  test.use({
    workload: greeter,
    healer: {
      manifests: new URL('./other-healer.yaml', import.meta.url),
      actsAs: 'system:serviceaccount:other-healer:healer',
    },
  });

  test('a foreign healer stands beside a workload of its own', async ({ trial, place }) => {
    expect(await place.kube.find(binding)).toBeDefined();
    await expect({ alert: 'NodeDown' }).toStaySilent('1s');
    trial.note('both are there');
  });
});

test.describe('then', () => {
  test.use({ healer: 'off' });

  test('nothing of an earlier trial is left', async ({ trial, place }) => {
    expect(await place.kube.find(binding)).toBeUndefined();
    for (const namespace of ['other-healer', 'greetings']) {
      expect(await place.kube.find({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).toBeUndefined();
      const { items } = await place.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace });
      expect(items).toEqual([]);
    }
    await expect({ alert: 'NodeDown' }).toStaySilent('1s');
    trial.note('both are gone');
  });
});
