import { given } from '../../../harness/core/given.ts';
import type { Manifest } from '../../kube/objects.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Who is given rights. */
export type Subject =
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string }
  | { readonly apiGroup: string; readonly kind: 'User'; readonly name: string };

/** A role with these rules, and its binding: in one namespace, or in the whole cluster where none is named. */
export function roleWithBinding(
  role: { readonly name: string; readonly namespace?: string | undefined },
  rules: readonly object[],
  subject: Subject,
): readonly [Manifest, Manifest] {
  const kind = role.namespace === undefined ? 'ClusterRole' : 'Role';
  const metadata = { name: role.name, ...given({ namespace: role.namespace }) };
  return [{ apiVersion: `${GROUP}/v1`, kind, metadata, rules }, bindingOf({ kind, ...metadata }, subject)];
}

/** The binding of a role that is there already, under the role's own name. */
export function bindingOf(
  { kind, name, namespace }: { readonly kind: string; readonly name: string; readonly namespace?: string },
  subject: Subject,
): Manifest {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: `${kind}Binding`,
    metadata: { name, ...given({ namespace }) },
    roleRef: { apiGroup: GROUP, kind, name },
    subjects: [subject],
  };
}
