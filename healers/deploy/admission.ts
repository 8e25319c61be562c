import type { Manifest } from '../../infra/kube/objects.ts';
import { NODE_LIMITS } from '../cluster/nodes.ts';
import { ACCOUNT_LIMITS } from '../cluster/own-account.ts';
import { POD_LIMITS, TREATMENT_LIMITS } from '../cluster/pods.ts';
import type { AccountLimit } from '../runtime/limit.ts';

const GROUP = 'admissionregistration.k8s.io/v1';

/**
 * What the API server refuses to the healer's account although RBAC allows it. The limits that treatments give are a policy of their own,
 * which never fails: for a parameter that is missing, or not read yet, the API server refuses whoever asks before it looks who that is, and
 * nobody could delete a pod any more. Their parameter is the account itself: where it is missing, no healer is let in. The API server watches
 * ServiceAccounts all its life, to know their tokens. It stops its watch of a ConfigMap, say, with the last policy that names that kind, and never
 * begins it again (kubernetes/kubernetes#130887): a healer that is installed anew would be judged by what an earlier one wrote.
 *
 * @param username As the API server knows the account
 */
export function admissionManifests(
  account: { readonly name: string; readonly namespace: string },
  username = `system:serviceaccount:${account.namespace}:${account.name}`,
): readonly Manifest[] {
  const { name, namespace } = account;
  return [
    ...policyWithBinding(
      name,
      [...NODE_LIMITS, ...POD_LIMITS, ...ACCOUNT_LIMITS],
      username,
      { failurePolicy: 'Fail' },
      {},
    ),
    ...policyWithBinding(
      `${name}-treatments`,
      TREATMENT_LIMITS,
      username,
      { failurePolicy: 'Ignore', paramKind: { apiVersion: 'v1', kind: 'ServiceAccount' } },
      { paramRef: { name, namespace, parameterNotFoundAction: 'Allow' } },
    ),
  ];
}

function policyWithBinding(
  name: string,
  limits: readonly AccountLimit[],
  username: string,
  ofPolicy: object,
  ofBinding: object,
): readonly Manifest[] {
  const validations = limits.map(({ resource, operation, allowed, message }) => {
    const [kind = '', part = ''] = resource.split('/');
    const other = `request.operation != "${operation}" || request.resource.resource != "${kind}" || request.?subResource.orValue("") != "${part}"`;
    return { expression: `${other} || (${allowed})`, message, reason: 'Forbidden' };
  });
  const matched = Map.groupBy(limits, ({ resource, operation }) => `${operation} ${resource}`);
  const resourceRules = [...matched.values()].map(([limit]) => ({
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: [limit?.operation],
    resources: [limit?.resource],
  }));
  const spec = {
    ...ofPolicy,
    matchConstraints: { resourceRules },
    matchConditions: [{ name: 'healer', expression: `request.userInfo.username == "${username}"` }],
    validations,
  };
  return [
    { apiVersion: GROUP, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec },
    {
      apiVersion: GROUP,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'], ...ofBinding },
    },
  ];
}
