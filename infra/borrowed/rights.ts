import { stringify } from 'yaml';
import { FiredrillError } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { roleWithBinding, type Subject } from '../agents/manifest/rights.ts';
import type { KubeClient } from '../kube/client.ts';
import { ANONYMOUS } from '../kube/errors.ts';
import type { Manifest } from '../kube/objects.ts';

/** Verbs on one resource, in one namespace or in all. */
interface Right {
  readonly group: string;
  /** e.g. `pods` or `pods/portforward`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Absent: all namespaces, or a resource that has none. */
  readonly namespace?: string;
  /** What the right is for; without the rights to read nothing works, the others are for installing. */
  readonly why: string;
}

const READ = ['get', 'list', 'watch'];
const OWN = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
const RBAC = 'rbac.authorization.k8s.io';
const SYSTEM = 'kube-system';

/** What a run asks of the API server with the user's own rights. */
export const NEEDED_RIGHTS: readonly Right[] = [
  { group: '', resource: 'nodes', verbs: READ, why: 'to know what can be hit' },
  { group: '', resource: 'pods', verbs: READ, why: 'to know what can be hit, and to see it recover' },
  { group: '', resource: 'pods/log', verbs: ['get'], why: 'to keep what was logged' },
  {
    group: '',
    resource: 'pods/portforward',
    verbs: ['create', 'get'],
    why: 'to reach Prometheus and the probe',
  },
  { group: '', resource: 'events', verbs: READ, why: 'to see what healers say' },
  { group: 'events.k8s.io', resource: 'events', verbs: READ, why: 'to see what healers say' },
  { group: '', resource: 'services', verbs: OWN, why: 'to install probe, monitoring and workload' },
  { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: READ, why: 'to see who serves users' },
  { group: '', resource: 'configmaps', verbs: OWN, why: 'to install, and to remember what was installed' },
  {
    group: '',
    resource: 'configmaps',
    namespace: SYSTEM,
    verbs: ['get', 'create', 'patch'],
    why: 'to read the permission of the owner, and to count the uses of an approval',
  },
  {
    group: '',
    resource: 'secrets',
    verbs: OWN,
    why: 'to install the healer, and what keeps others from our agents',
  },
  {
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    verbs: OWN,
    why: 'to keep others from our agents',
  },
  { group: '', resource: 'serviceaccounts', verbs: OWN, why: 'to install the healer and monitoring' },
  { group: '', resource: 'namespaces', verbs: OWN, why: 'to install into namespaces of our own' },
  { group: '', resource: 'pods', verbs: ['create', 'patch', 'delete'], why: 'to start and stop the load' },
  { group: 'apps', resource: 'deployments', verbs: OWN, why: 'to install' },
  { group: 'apps', resource: 'replicasets', verbs: READ, why: 'to see what recovers' },
  { group: 'apps', resource: 'statefulsets', verbs: OWN, why: 'to install workloads' },
  { group: 'apps', resource: 'daemonsets', verbs: OWN, why: 'to install workloads' },
  {
    group: 'policy',
    resource: 'poddisruptionbudgets',
    verbs: OWN,
    why: 'to install the healer and workloads',
  },
  {
    group: 'admissionregistration.k8s.io',
    resource: 'validatingadmissionpolicies',
    verbs: OWN,
    why: 'to hold the healer to its limits',
  },
  {
    group: 'admissionregistration.k8s.io',
    resource: 'validatingadmissionpolicybindings',
    verbs: OWN,
    why: 'to hold the healer to its limits',
  },
  {
    group: RBAC,
    resource: 'roles',
    verbs: [...OWN, 'escalate', 'bind'],
    why: 'to give the healer its rights',
  },
  { group: RBAC, resource: 'rolebindings', verbs: OWN, why: 'to give the healer its rights' },
  {
    group: RBAC,
    resource: 'clusterroles',
    verbs: [...OWN, 'escalate', 'bind'],
    why: 'to give the healer its rights',
  },
  { group: RBAC, resource: 'clusterrolebindings', verbs: OWN, why: 'to give the healer its rights' },
  {
    group: 'coordination.k8s.io',
    resource: 'leases',
    // A role for one namespace cannot be given before there is that namespace.
    verbs: [...READ, 'delete'],
    why: "to see the healer's leader and the nodes' signs of life, and to take away the lease of a healer that was installed",
  },
  {
    group: 'coordination.k8s.io',
    resource: 'leases',
    namespace: SYSTEM,
    verbs: ['get', 'create', 'update', 'delete'],
    why: 'to keep others out meanwhile',
  },
];

interface Answer {
  readonly right: Right;
  readonly verb: string;
  readonly allowed: boolean;
}

/** What of `rights` the user of this client does not have: each with the missing verbs only. */
export async function missingRights(
  kube: KubeClient,
  rights: readonly Right[] = NEEDED_RIGHTS,
): Promise<readonly Right[]> {
  // An administrator may everything: one question instead of a hundred.
  const all = { group: '*', resource: '*', verbs: ['*'], why: '' };
  if ((await ask(kube, all, '*')).allowed) return [];
  const answers = await Promise.all(
    rights.flatMap((right) => right.verbs.map((verb) => ask(kube, right, verb))),
  );
  return rights.flatMap((right) => {
    const verbs = answers
      .filter((answer) => answer.right === right && !answer.allowed)
      .map((answer) => answer.verb);
    return verbs.length === 0 ? [] : [{ ...right, verbs }];
  });
}

async function ask(kube: KubeClient, right: Right, verb: string): Promise<Answer> {
  const [resource = '', subresource] = right.resource.split('/');
  const { status } = await kube.create({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        group: right.group,
        resource,
        verb,
        ...given({ subresource, namespace: right.namespace }),
      },
    },
    status: { allowed: false },
  });
  return { right, verb, allowed: status.allowed };
}

/** Roles and bindings that give a user what is missing, to be applied by whoever may. */
export function rightsManifests(missing: readonly Right[], user: string): readonly Manifest[] {
  const namespaces = new Set(missing.map(({ namespace }) => namespace));
  return [...namespaces].flatMap((namespace) => {
    const rules = missing
      .filter((right) => right.namespace === namespace)
      .map(({ group, resource, verbs }) => ({ apiGroups: [group], resources: [resource], verbs }));
    return roleWithBinding({ name: 'firedrill-runner', namespace }, rules, subjectOf(user));
  });
}

function subjectOf(user: string): Subject {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  if (namespace !== undefined && name !== undefined) return { kind: 'ServiceAccount', namespace, name };
  return { apiGroup: RBAC, kind: 'User', name: user };
}

/** @throws FiredrillError `existing.rights-missing`, with the manifests that give them; `existing.credentials-refused` where they would be everybody's */
export async function requireRights(kube: KubeClient, context: string): Promise<void> {
  const missing = await missingRights(kube);
  if (missing.length === 0) return;
  const user = await userOf(kube);
  if (user === ANONYMOUS)
    throw new FiredrillError(
      'existing.credentials-refused',
      `context ${context}: the cluster lets us in as nobody in particular, ${user}`,
      { hint: 'log in to the cluster, or renew the kubeconfig' },
    );
  const lines = missing.map(
    ({ group, resource, verbs, namespace, why }) =>
      `  ${verbs.join(', ')} ${resource}${group === '' ? '' : `.${group}`}${namespace === undefined ? '' : ` in ${namespace}`}: ${why}`,
  );
  const yaml = rightsManifests(missing, user)
    .map((manifest) => stringify(manifest))
    .join('---\n');
  throw new FiredrillError(
    'existing.rights-missing',
    `context ${context}: ${user} lacks rights:\n${lines.join('\n')}`,
    { hint: `have this applied by somebody who may, then run again:\n${yaml}` },
  );
}

async function userOf(kube: KubeClient): Promise<string> {
  return (await whoAmI(kube)) ?? 'the user of this context';
}

/** Who we are, as the cluster knows us; undefined: it does not say. */
export async function whoAmI(kube: KubeClient): Promise<string | undefined> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const review = await kube.request<{ status?: { userInfo?: { username?: string } } }>({
    method: 'POST',
    path,
    body,
  });
  return review.status?.userInfo?.username;
}
