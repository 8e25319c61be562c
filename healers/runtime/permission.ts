/** The namespaces that a permission holds in: every namespace and cluster-wide objects, or just one. */
export type Scope = 'cluster' | 'own' | 'default' | 'kube-node-lease';

/** What is called: RBAC's names of a kind of objects, in one scope. */
interface PermissionTarget {
  readonly scope: Scope;
  readonly group: string;
  /** With its subresource, e.g. `pods/eviction`. */
  readonly resource: string;
  /** Only these objects; absent: all. RBAC cannot restrict `create`, `list` and `watch` of unnamed objects so. */
  readonly names?: readonly string[];
}

/** One kind of call at the API server, as RBAC names it. It stands beside the code that makes the call. */
export interface Permission extends PermissionTarget {
  readonly verb: string;
  readonly why: string;
}

/** One permission for each verb, with what it is needed for. */
export function permissions(
  target: PermissionTarget,
  whyOfVerb: Readonly<Record<string, string>>,
): readonly Permission[] {
  return Object.entries(whyOfVerb).map(([verb, why]) => ({ ...target, verb, why }));
}
