import { expect, nodePowerOff, test } from '../../harness/index.ts';
import { aNode } from './acts-of-people.ts';
import { linesOf, machineCalls, untilTold } from './told.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const name = 'no-changes-of-nodes';
const GROUP = { apiVersion: 'admissionregistration.k8s.io/v1' };
/** The policy of an owner who knows better than the healer's own. */
const policy = {
  ...GROUP,
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['nodes'] }],
    },
    matchConditions: [
      {
        name: 'healer',
        expression: 'request.userInfo.username.endsWith(":firedrill-system:firedrill-healer")',
      },
    ],
    validations: [{ expression: 'false', message: 'not in this season' }],
  },
};
const binding = {
  ...GROUP,
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName: name, validationActions: ['Deny'] },
};
/** A policy is enforced a moment after it is made. */
const IN_FORCE_MS = 3_000;
const WATCHED_MS = 10_000;

test('what admission denies is told once, tried ever later, and the machine is not touched', async ({
  trial,
}) => {
  await trial.create(policy);
  await trial.create(binding);
  await trial.sleep(IN_FORCE_MS);
  const loss = await trial.inject(nodePowerOff({ node: await aNode(trial) }));
  await untilTold(trial, 'refused', 'not in this season', 15_000);
  await expect({ alert: 'NodeDown' }).toFireWithin('30s', { after: loss });
  await trial.sleep(WATCHED_MS);
  expect(linesOf(trial, 'refused', 'not in this season')).toHaveLength(1);
  expect(machineCalls(trial, 'powerOff')).toEqual([]);
  const denied = trial.journal.entries.filter((entry) => entry.kind === 'api.audit' && entry.code === 422);
  expect(denied.length).toBeGreaterThan(2);
  // 0.25, 0.5, 1, 2, 4 and then every 5 s.
  expect(denied.length).toBeLessThan(10);
});
