import { setTimeout as delay } from 'node:timers/promises';
import { applyAll } from '../../infra/kube/apply.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { isKubeError } from '../../infra/kube/errors.ts';
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
  const account = { name: 'firedrill-healer', namespace };
  const subjects = [{ kind: 'User', name: 'guest', apiGroup: 'rbac.authorization.k8s.io' }];
  const rights = rbacManifests(PERMISSIONS, account).map((manifest) =>
    manifest.kind.endsWith('Binding') ? { ...manifest, subjects } : manifest,
  );
  await applyAll(admin, [...rights, ...admissionManifests(account, 'guest')], { fieldManager: 'owner' });
  const metadata = { name: NAME };
  await admin.create({ apiVersion: 'v1', kind: 'Node', metadata });
  const containers = [{ name: 'c', image: 'c' }];
  await admin.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: NAME, namespace: 'default' },
    spec: { containers },
  });
  const query = { dryRun: 'All' };
  await untilRefused(() => guest.request({ method: 'DELETE', path: `/api/v1/nodes/${NAME}`, query }));
  // The ledger's limits come with the same look of the API server at its policies.
  await untilRefused(() =>
    guest.request({ method: 'DELETE', path: `/api/v1/namespaces/default/pods/${NAME}`, query }),
  );
  await admin.delete({ apiVersion: 'v1', kind: 'Node', name: NAME });
  await admin.deletePod({ namespace: 'default', name: NAME }, { gracePeriodSeconds: 0 });
}

/** Waits until an admission policy refuses a deed, which is to change nothing (`dryRun`): policies and what they read come to the API server by watches. */
export async function untilRefused(deed: () => Promise<unknown>): Promise<void> {
  for (const deadlineMs = performance.now() + WITHIN_MS; ;) {
    try {
      await deed();
    } catch (error) {
      if (isKubeError(error) && /ValidatingAdmissionPolicy/.test(error.message)) return;
      // Until its rights are known, RBAC refuses it.
      if (!isKubeError(error) || error.status !== 403) throw error;
    }
    if (performance.now() > deadlineMs) throw new Error('the limits are not enforced');
    await delay(LOOK_EVERY_MS);
  }
}
