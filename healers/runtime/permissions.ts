/** The namespaces that a permission holds in: every namespace and cluster-wide objects, or just one. */
export type Scope = 'cluster' | 'own' | 'default' | 'kube-node-lease';

/** One kind of call at the API server, as RBAC names it. */
export interface Permission {
  readonly scope: Scope;
  readonly group: string;
  /** With its subresource, e.g. `pods/eviction`. */
  readonly resource: string;
  readonly verb: string;
  /** Only these objects; absent: all. RBAC cannot restrict `create`, `list` and `watch` of unnamed objects so. */
  readonly names?: readonly string[];
  /** The code that makes the call. */
  readonly why: string;
}

export const LEADER_LEASE = 'firedrill-healer';
export const LEDGER = 'firedrill-healer-ledger';

/** Every call that the healer makes at the API server. RBAC is generated from this table; a test compares it with the calls made. */
export const PERMISSIONS: readonly Permission[] = [
  { scope: 'cluster', group: '', resource: 'nodes', verb: 'list', why: 'watch nodes' },
  { scope: 'cluster', group: '', resource: 'nodes', verb: 'watch', why: 'watch nodes' },
  { scope: 'cluster', group: '', resource: 'nodes', verb: 'get', why: 'live read before acting' },
  { scope: 'cluster', group: '', resource: 'nodes', verb: 'patch', why: 'cordon, record, taint' },
  { scope: 'cluster', group: '', resource: 'nodes', verb: 'delete', why: 'retire a replaced node' },
  { scope: 'cluster', group: '', resource: 'pods', verb: 'list', why: 'pods of a node under treatment' },
  {
    scope: 'cluster',
    group: '',
    resource: 'pods',
    verb: 'get',
    why: 'evict exactly one incarnation',
  },
  { scope: 'cluster', group: '', resource: 'pods', verb: 'delete', why: 'evacuate a fenced node' },
  {
    scope: 'cluster',
    group: '',
    resource: 'pods/eviction',
    verb: 'create',
    why: 'drain within disruption budgets',
  },
  {
    scope: 'cluster',
    group: 'discovery.k8s.io',
    resource: 'endpointslices',
    verb: 'list',
    why: 'raise suspicion',
  },
  {
    scope: 'cluster',
    group: 'discovery.k8s.io',
    resource: 'endpointslices',
    verb: 'watch',
    why: 'raise suspicion',
  },
  {
    scope: 'kube-node-lease',
    group: 'coordination.k8s.io',
    resource: 'leases',
    verb: 'list',
    why: 'watch node leases',
  },
  {
    scope: 'kube-node-lease',
    group: 'coordination.k8s.io',
    resource: 'leases',
    verb: 'watch',
    why: 'watch node leases',
  },
  {
    scope: 'kube-node-lease',
    group: 'coordination.k8s.io',
    resource: 'leases',
    verb: 'get',
    why: 'live read before acting',
  },
  { scope: 'own', group: 'coordination.k8s.io', resource: 'leases', verb: 'create', why: 'leader election' },
  {
    scope: 'own',
    group: 'coordination.k8s.io',
    resource: 'leases',
    verb: 'get',
    names: [LEADER_LEASE],
    why: 'leader election',
  },
  {
    scope: 'own',
    group: 'coordination.k8s.io',
    resource: 'leases',
    verb: 'update',
    names: [LEADER_LEASE],
    why: 'leader election',
  },
  { scope: 'own', group: '', resource: 'configmaps', verb: 'create', why: 'ledger' },
  { scope: 'own', group: '', resource: 'configmaps', verb: 'get', names: [LEDGER], why: 'ledger' },
  { scope: 'own', group: '', resource: 'configmaps', verb: 'update', names: [LEDGER], why: 'ledger' },
  { scope: 'own', group: '', resource: 'pods', verb: 'list', why: 'find the other healer' },
  { scope: 'default', group: 'events.k8s.io', resource: 'events', verb: 'create', why: 'Events about nodes' },
];
