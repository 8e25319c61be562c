import { setTimeout as delay } from 'node:timers/promises';
import { applyAll } from '../../infra/kube/apply.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { isKubeError } from '../../infra/kube/errors.ts';
import type { KubeObject, Manifest } from '../../infra/kube/objects.ts';
import { ACCOUNT } from '../cluster/own-account.ts';
import { PERMISSIONS } from '../cluster/permissions.ts';
import { admissionManifests } from '../deploy/admission.ts';
import { rbacManifests } from '../deploy/rbac.ts';

const NAME = 'held-to-its-limits';
const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

/**
 * Gives the user `guest` exactly the healer's rights, holds it to the healer's limits, and waits until the API server does, which takes up a
 * new policy within some seconds.
 */
export async function admitHealer(admin: KubeClient, guest: KubeClient, namespace: string): Promise<void> {
  const subjects = [{ kind: 'User', name: 'guest', apiGroup: 'rbac.authorization.k8s.io' }];
  const account = { name: ACCOUNT, namespace };
  const rights = rbacManifests(PERMISSIONS, account).map((manifest) =>
    manifest.kind.endsWith('Binding') ? { ...manifest, subjects } : manifest,
  );
  await applyAll(admin, [...rights, ...guestLimits(namespace)], { fieldManager: 'owner' });
  const metadata = { name: NAME };
  await admin.create({ apiVersion: 'v1', kind: 'Node', metadata });
  const containers = [{ name: 'c', image: 'c' }];
  const pod: KubeObject = await admin.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: NAME, namespace: 'default' },
    spec: { containers },
  });
  const query = { dryRun: 'All' };
  await untilRefused(() => guest.request({ method: 'DELETE', path: `/api/v1/nodes/${NAME}`, query }));
  await untilRefused(() => tryDeletion(guest, pod));
  await admin.delete({ apiVersion: 'v1', kind: 'Node', name: NAME });
  await admin.deletePod({ namespace: 'default', name: NAME }, { gracePeriodSeconds: 0 });
}

/** What holds the user `guest` to the healer's limits: the account that carries them, and the policies. */
export function guestLimits(namespace: string): readonly Manifest[] {
  const account = { name: ACCOUNT, namespace };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    ...admissionManifests(account, 'guest'),
  ];
}

/** Asks for a pod's deletion as the healer does, by its UID; changes nothing. */
export async function tryDeletion(kube: KubeClient, { metadata = {} }: KubeObject): Promise<unknown> {
  const { namespace = '', name = '', uid = '' } = metadata;
  return await kube.request({
    method: 'DELETE',
    path: `/api/v1/namespaces/${namespace}/pods/${name}`,
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      dryRun: ['All'],
      gracePeriodSeconds: 0,
      preconditions: { uid },
    },
  });
}

/** Waits until an admission policy refuses a deed, which is to change nothing (`dryRun`): policies and what they read come to the API server by watches. */
export async function untilRefused(deed: () => Promise<unknown>): Promise<void> {
  await until(async () => (await answerTo(deed)) === 'refused', 'the limits are not enforced');
}

/** Waits until no admission policy refuses a deed any more, which is to change nothing. */
export async function untilAllowed(deed: () => Promise<unknown>): Promise<void> {
  await until(async () => (await answerTo(deed)) === 'allowed', 'the limits are still enforced');
}

async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (const deadlineMs = performance.now() + WITHIN_MS; !(await isSo());) {
    if (performance.now() > deadlineMs) throw new Error(otherwise);
    await delay(LOOK_EVERY_MS);
  }
}

async function answerTo(deed: () => Promise<unknown>): Promise<'allowed' | 'refused' | 'without rights'> {
  try {
    await deed();
    return 'allowed';
  } catch (error) {
    if (!isKubeError(error) || error.status !== 403) throw error;
    return /ValidatingAdmissionPolicy/.test(error.message) ? 'refused' : 'without rights';
  }
}
