import type { Manifest } from '../../infra/kube/objects.ts';
import { LEDGER } from '../cluster/ledger-object.ts';
import { NODE_LIMITS } from '../cluster/nodes.ts';
import { LEDGER_LIMITS, POD_LIMITS } from '../cluster/pods.ts';
import type { AccountLimit } from '../runtime/limit.ts';

const GROUP = 'admissionregistration.k8s.io/v1';

/**
 * What the API server refuses to the healer's account although RBAC allows it. The limits that the ledger gives are a policy of their own,
 * which never fails: for a parameter that is missing, or not read yet, the API server refuses whoever asks before it looks who that is, and
 * nobody could delete a pod any more. A healer writes its ledger before anything else, and may not delete it.
 *
 * @param username As the API server knows the account
 */
export function admissionManifests(
  account: { readonly name: string; readonly namespace: string },
  username = `system:serviceaccount:${account.namespace}:${account.name}`,
): readonly Manifest[] {
  const { name, namespace } = account;
  return [
    ...policyWithBinding(name, [...NODE_LIMITS, ...POD_LIMITS], username, { failurePolicy: 'Fail' }, {}),
    ...policyWithBinding(
      `${name}-ledger`,
      LEDGER_LIMITS,
      username,
      { failurePolicy: 'Ignore', paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
      { paramRef: { name: LEDGER, namespace, parameterNotFoundAction: 'Allow' } },
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
