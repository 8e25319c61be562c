import { messageOf } from '../errors.ts';
import { parsePolicy, type DrillPolicy } from './policy.ts';
import { given } from '../given.ts';

/** The ConfigMap with which a cluster's owner says what of it may be broken; what we provision has it. */
export const PERMISSION_CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'kube-system',
  name: 'firedrill-target',
} as const;

/** Everything, in place of a list of namespaces or a node selector; what Kubernetes itself lives in stays out. */
export const EVERYTHING = '*';

/** What an owner has allowed to be hit; what is not named here is not allowed. */
export interface AllowedTargets {
  readonly namespaces: readonly string[];
  /** Label selector, or `*`; absent: no node. */
  readonly nodes?: string;
}

/** What the permission says. Without `allowed` the whole cluster may be broken: it was made for that. */
export type Permission =
  | { readonly granted: true; readonly allowed?: AllowedTargets; readonly policy?: DrillPolicy }
  | { readonly granted: false; readonly why: string };

type Data = Readonly<Record<string, string>>;

/**
 * The content of a permission that an owner writes. It holds for one cluster: copied to another it says nothing.
 * @param policyText the policy in YAML, as its owner wrote it
 */
export function adoptionData(clusterUid: string, allowed: AllowedTargets, policyText?: string): Data {
  return {
    'adopted-uid': clusterUid,
    namespaces: allowed.namespaces.join(','),
    ...given({ nodes: allowed.nodes, policy: policyText }),
  };
}

/** Reads a permission. `data` undefined: the cluster has none. An owner's limits hold also where we made the cluster. */
export function readPermission(data: Data | undefined, clusterUid: string): Permission {
  const where = `ConfigMap ${PERMISSION_CONFIG_MAP.namespace}/${PERMISSION_CONFIG_MAP.name}`;
  if (data === undefined) return { granted: false, why: `there is no ${where}` };
  const uid = data['adopted-uid'];
  if (uid === undefined) {
    if (data['provisioned'] === 'true') return withPolicy(data);
    return { granted: false, why: `${where} does not say for which cluster it was written` };
  }
  if (uid !== clusterUid) {
    return {
      granted: false,
      why: `${where} was written for the cluster ${uid}, and this one is ${clusterUid}`,
    };
  }
  const namespaces = (data['namespaces'] ?? '').split(',').filter((name) => name !== '');
  const { nodes } = data;
  return withPolicy(data, { namespaces, ...given({ nodes }) });
}

/** A policy that is not understood could forbid anything: then the permission allows nothing. */
function withPolicy(data: Data, allowed?: AllowedTargets): Permission {
  const limits = given({ allowed });
  const text = data['policy'];
  if (text === undefined) return { granted: true, ...limits };
  try {
    return { granted: true, ...limits, policy: parsePolicy(text) };
  } catch (error) {
    return { granted: false, why: messageOf(error) };
  }
}

/** Whether a namespace is among the allowed ones. */
export function allowsNamespace({ namespaces }: AllowedTargets, name: string): boolean {
  return namespaces.includes(name) || (namespaces.includes(EVERYTHING) && !name.startsWith('kube-'));
}
