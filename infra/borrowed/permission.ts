import { FiredrillError } from '../../harness/core/errors.ts';
import { COMMANDS } from '../../harness/core/installation.ts';
import {
  adoptionData,
  readPermission,
  PERMISSION_CONFIG_MAP,
  type AllowedTargets,
  type Permission,
} from '../../harness/core/owner/permission.ts';
import { USED_APPROVALS } from './approvals.ts';
import { applyOne } from '../kube/apply.ts';
import { goneIsDone } from '../kube/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ReachedCluster } from '../providers/existing/reach.ts';

/** Owner of the fields that an adoption sets; what else stands in the permission is somebody else's. */
const FIELD_MANAGER = 'firedrill-adopt';

export async function permissionOf(kube: KubeClient, uid: string): Promise<Permission> {
  const permission = await kube.find(PERMISSION_CONFIG_MAP);
  return readPermission(permission === undefined ? undefined : (permission.data ?? {}), uid);
}

/** @throws FiredrillError `existing.not-adopted` where the owner has set no limits, also where we made the cluster */
export async function requireAdoption({
  kube,
  uid,
  context,
  words,
}: ReachedCluster): Promise<AllowedTargets> {
  const reading = await permissionOf(kube, uid);
  if (reading.granted && reading.allowed !== undefined) return reading.allowed;
  const why = reading.granted ? 'nobody has said what of it may be hit' : reading.why;
  throw new FiredrillError(
    'existing.not-adopted',
    `context ${context}: this cluster is not ours to break: ${why}`,
    { hint: `its owner allows it with: ${COMMANDS.firedrill} adopt ${words}` },
  );
}

/** The policy as its owner wrote it, whether it is understood or not. */
export async function policyTextOf(kube: KubeClient): Promise<string | undefined> {
  return (await kube.find(PERMISSION_CONFIG_MAP))?.data?.['policy'];
}

/** Writes what may be hit, and what is asked of whoever does; a policy that is not given is taken away. */
export async function writeAdoption(
  { kube, uid }: ReachedCluster,
  allowed: AllowedTargets,
  policyText?: string,
): Promise<void> {
  const { apiVersion, kind, ...metadata } = PERMISSION_CONFIG_MAP;
  const permission = { apiVersion, kind, metadata, data: adoptionData(uid, allowed, policyText) };
  await applyOne(kube, permission, { fieldManager: FIELD_MANAGER, force: true });
}

/** Takes the owner's word back; false where there was none. A permission that holds more than that stays with the rest. */
export async function removeAdoption({ kube }: ReachedCluster): Promise<boolean> {
  const permission = await kube.find(PERMISSION_CONFIG_MAP);
  const data = permission?.data ?? {};
  if (permission === undefined || data['adopted-uid'] === undefined) return false;
  const ours = Object.keys(adoptionData('', { namespaces: [], nodes: '' }, ''));
  const resourceVersion = permission.metadata?.resourceVersion;
  if (Object.keys(data).every((key) => ours.includes(key))) {
    await kube.delete(PERMISSION_CONFIG_MAP, {
      ...(resourceVersion === undefined ? {} : { preconditions: { resourceVersion } }),
    });
  } else {
    const rest = Object.fromEntries(Object.entries(data).filter(([key]) => !ours.includes(key)));
    await kube.replace({ ...permission, data: rest });
  }
  await goneIsDone(kube.delete(USED_APPROVALS));
  return true;
}
