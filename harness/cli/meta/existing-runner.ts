import { NEEDED_RIGHTS, rightsManifests } from '../../../infra/borrowed/rights.ts';
import { roleWithBinding } from '../../../infra/agents/manifest/rights.ts';
import { applyAll } from '../../../infra/kube/apply.ts';
import { loadKubeconfig } from '../../../infra/kubeconfig/kubeconfig.ts';
import { writeKubeconfig } from '../../../infra/kube/testing/kubeconfig.ts';
import type { StagingCluster } from '../../../infra/providers/existing/testing/staging-cluster.ts';

/** Who agrees to what a runner does, as the cluster names her. */
export const SECOND_USER = 'system:serviceaccount:default:alice';

/** A second person, who may see what an approval is for. Writes her kubeconfig. */
export async function makeSecondUser(
  { kube }: Pick<StagingCluster, 'kube'>,
  path: string,
  context: string,
): Promise<void> {
  const account = { namespace: 'default', name: 'alice' };
  // A role of her own: that of the runner is somebody else's.
  const rights = roleWithBinding(
    { name: 'alice' },
    [{ apiGroups: [''], resources: ['namespaces', 'configmaps'], verbs: ['get'] }],
    { kind: 'ServiceAccount', ...account },
  );
  const manifests = [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account }, ...rights];
  await applyAll(kube, manifests, { fieldManager: 'test' });
  const { status } = await kube.request<{ readonly status: { readonly token: string } }>({
    method: 'POST',
    path: '/api/v1/namespaces/default/serviceaccounts/alice/token',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  const { server, caPem = '' } = kube.target;
  await writeKubeconfig(path, { server, caPem, token: () => status.token }, { name: context });
}

/** Whoever drills: a service account with the rights that a run asks for, and no others. Writes its kubeconfig. */
export async function makeRunner(
  { kube, kubeconfig, context: name }: StagingCluster,
  path: string,
): Promise<void> {
  const account = { namespace: 'default', name: 'runner' };
  await kube.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
  const user = `system:serviceaccount:${account.namespace}:${account.name}`;
  await applyAll(kube, rightsManifests(NEEDED_RIGHTS, user), { fieldManager: 'owner' });
  // Which cluster this is may be seen by whoever may see namespaces, which is among them.
  const tokens = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3_600 },
  };
  const { status } = await kube.request<{ status: { token: string } }>({
    method: 'POST',
    path: tokens,
    body,
  });
  const { server, caPem = '' } = await loadKubeconfig({ path: kubeconfig, env: process.env });
  await writeKubeconfig(path, { server, caPem, token: () => status.token }, { name });
}
