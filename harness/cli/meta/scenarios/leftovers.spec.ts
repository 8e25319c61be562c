import { expect, test } from '../../../index.ts';

test.use({ load: 'off', healer: 'off', gate: { steadyFor: '1s', within: '60s' } });

/** The run before has put it there: own-workload.spec.ts. */
test('nothing of an earlier trial is left', async ({ trial, place }) => {
  expect(
    await place.kube.find({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      name: 'other-healer',
    }),
  ).toBeUndefined();
  for (const namespace of ['other-healer', 'greetings']) {
    expect(await place.kube.find({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).toBeUndefined();
    const { items } = await place.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace });
    expect(items).toEqual([]);
  }
  await expect({ alert: 'NodeDown' }).toStaySilent('1s');
  trial.note('both are gone');
});
