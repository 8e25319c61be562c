import type { KubeClient } from '../../../infra/kube/client.ts';
import { within } from './run-in-progress.ts';

/** 15 s of silence, and what Kubernetes takes to collect what has lost its owner. */
const CLEAN_WITHIN_MS = 90_000;
/** A look is ten lists, which cost the cluster something. */
const LOOK_EVERY_MS = 500;

/** Everything that a run may have put on a cluster, by kind, namespace and name. */
export async function objectsOn(kube: KubeClient): Promise<readonly string[]> {
  const kinds = [
    ['v1', 'Namespace'],
    ['v1', 'ConfigMap'],
    ['v1', 'Secret'],
    ['v1', 'Service'],
    ['v1', 'ServiceAccount'],
    ['apps/v1', 'Deployment'],
    ['coordination.k8s.io/v1', 'Lease'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
    ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy'],
    ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding'],
  ] as const;
  const lists = await Promise.all(kinds.map(([apiVersion, kind]) => kube.list({ apiVersion, kind })));
  return (
    lists
      .flatMap(
        ({ items }) =>
          items as readonly { kind?: string; metadata?: { namespace?: string; name?: string } }[],
      )
      // What Kubernetes itself writes comes and goes.
      .filter(
        ({ metadata }) =>
          !/^kube-/.test(metadata?.namespace ?? '') || /^firedrill/.test(metadata?.name ?? ''),
      )
      .map(({ kind, metadata }) => `${kind} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`)
      .toSorted()
  );
}

/** Resolves when nothing is left of a run whose runner is gone: the reaper in the cluster has taken it all away. */
export async function untilAsBefore(kube: KubeClient, before: readonly string[]): Promise<void> {
  await within(
    CLEAN_WITHIN_MS,
    async () => (await objectsOn(kube)).filter((one) => !before.includes(one)).join(', '),
    LOOK_EVERY_MS,
  );
}
