import { roleWithBinding } from '../../infra/agents/manifest/rights.ts';
import type { Manifest } from '../../infra/kube/objects.ts';
import type { Permission, Scope } from '../runtime/permission.ts';

/** One rule per group, resource and set of names; its verbs are those that the table asks for and no other. */
export function rulesOf(permissions: readonly Permission[]): readonly Record<string, unknown>[] {
  const rules = new Map<
    string,
    { group: string; resource: string; names: readonly string[] | undefined; verbs: string[] }
  >();
  for (const { group, resource, names, verb } of permissions) {
    const key = JSON.stringify([group, resource, names]);
    const rule = rules.get(key) ?? { group, resource, names, verbs: [] };
    rule.verbs.push(verb);
    rules.set(key, rule);
  }
  return [...rules.values()].map(({ group, resource, names, verbs }) => ({
    apiGroups: [group],
    resources: [resource],
    ...(names === undefined ? {} : { resourceNames: [...names] }),
    verbs: [...verbs].sort(),
  }));
}

/** Role or ClusterRole and its binding for each scope of the table. */
export function rbacManifests(
  permissions: readonly Permission[],
  account: { readonly name: string; readonly namespace: string },
): readonly Manifest[] {
  const scopes: readonly Scope[] = ['cluster', 'own', 'default', 'kube-node-lease'];
  return scopes.flatMap((scope) => {
    const rules = rulesOf(permissions.filter((each) => each.scope === scope));
    if (rules.length === 0) return [];
    const namespace = scope === 'cluster' ? undefined : scope === 'own' ? account.namespace : scope;
    return roleWithBinding({ name: account.name, namespace }, rules, { kind: 'ServiceAccount', ...account });
  });
}
