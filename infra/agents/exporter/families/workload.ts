import type { Deployment, PodDisruptionBudget, ReplicaSet, StatefulSet } from '../../../kube/objects.ts';
import {
  CONDITION_STATES,
  eachState,
  epochS,
  gauge,
  identity,
  known,
  nameOf,
  namespaceOf,
  one,
  type StateFamily,
} from './family.ts';

/** A family of one number per object. */
function numbers<T extends object>(
  label: string,
): (name: string, help: string, value: (object: T) => number | undefined) => StateFamily<T> {
  const labels = identity(label);
  return (name, help, value) => gauge(name, help, (object) => known(labels(object), value(object)));
}

const deployment = numbers<Deployment>('deployment');
export const DEPLOYMENT_FAMILIES: readonly StateFamily<Deployment>[] = [
  deployment('kube_deployment_created', 'Unix creation timestamp.', ({ metadata }) =>
    epochS(metadata?.creationTimestamp),
  ),
  deployment(
    'kube_deployment_metadata_generation',
    'The generation of the desired state.',
    ({ metadata }) => metadata?.generation,
  ),
  deployment('kube_deployment_spec_replicas', 'Number of desired pods.', ({ spec }) => spec?.replicas ?? 1),
  deployment('kube_deployment_spec_paused', 'Whether the deployment is paused.', ({ spec }) =>
    spec?.paused === true ? 1 : 0,
  ),
  deployment('kube_deployment_status_replicas', 'Number of replicas.', ({ status }) => status?.replicas ?? 0),
  deployment(
    'kube_deployment_status_replicas_ready',
    'Number of ready replicas.',
    ({ status }) => status?.readyReplicas ?? 0,
  ),
  deployment(
    'kube_deployment_status_replicas_available',
    'Number of available replicas.',
    ({ status }) => status?.availableReplicas ?? 0,
  ),
  deployment(
    'kube_deployment_status_replicas_unavailable',
    'Number of unavailable replicas.',
    ({ status }) => status?.unavailableReplicas ?? 0,
  ),
  deployment(
    'kube_deployment_status_replicas_updated',
    'Number of updated replicas.',
    ({ status }) => status?.updatedReplicas ?? 0,
  ),
  deployment(
    'kube_deployment_status_observed_generation',
    'The generation observed by the controller.',
    ({ status }) => status?.observedGeneration ?? 0,
  ),
  gauge('kube_deployment_status_condition', 'The current status conditions.', (object) =>
    (object.status?.conditions ?? []).flatMap(({ type, status, reason }) =>
      eachState(
        { namespace: namespaceOf(object), deployment: nameOf(object), condition: type, reason: reason ?? '' },
        'status',
        CONDITION_STATES,
        status.toLowerCase(),
      ),
    ),
  ),
];

const replicaSet = numbers<ReplicaSet>('replicaset');
export const REPLICA_SET_FAMILIES: readonly StateFamily<ReplicaSet>[] = [
  replicaSet('kube_replicaset_created', 'Unix creation timestamp.', ({ metadata }) =>
    epochS(metadata?.creationTimestamp),
  ),
  replicaSet(
    'kube_replicaset_metadata_generation',
    'The generation of the desired state.',
    ({ metadata }) => metadata?.generation,
  ),
  replicaSet('kube_replicaset_spec_replicas', 'Number of desired pods.', ({ spec }) => spec?.replicas ?? 1),
  replicaSet('kube_replicaset_status_replicas', 'Number of replicas.', ({ status }) => status?.replicas ?? 0),
  replicaSet(
    'kube_replicaset_status_ready_replicas',
    'Number of ready replicas.',
    ({ status }) => status?.readyReplicas ?? 0,
  ),
  replicaSet(
    'kube_replicaset_status_fully_labeled_replicas',
    'Number of fully labelled replicas.',
    ({ status }) => status?.fullyLabeledReplicas ?? 0,
  ),
  replicaSet(
    'kube_replicaset_status_observed_generation',
    'The generation observed by the controller.',
    ({ status }) => status?.observedGeneration ?? 0,
  ),
  gauge('kube_replicaset_owner', "Information about the ReplicaSet's owner.", (object) => {
    const labels = identity('replicaset')(object);
    const owners = object.metadata?.ownerReferences ?? [];
    if (owners.length === 0)
      return one({ ...labels, owner_kind: '', owner_name: '', owner_is_controller: '' });
    return owners.map(({ kind, name, controller }) => ({
      labels: {
        ...labels,
        owner_kind: kind,
        owner_name: name,
        owner_is_controller: String(controller ?? false),
      },
      value: 1,
    }));
  }),
];

const statefulSet = numbers<StatefulSet>('statefulset');
export const STATEFUL_SET_FAMILIES: readonly StateFamily<StatefulSet>[] = [
  statefulSet('kube_statefulset_created', 'Unix creation timestamp.', ({ metadata }) =>
    epochS(metadata?.creationTimestamp),
  ),
  statefulSet(
    'kube_statefulset_metadata_generation',
    'The generation of the desired state.',
    ({ metadata }) => metadata?.generation,
  ),
  statefulSet('kube_statefulset_replicas', 'Number of desired pods.', ({ spec }) => spec?.replicas ?? 1),
  statefulSet(
    'kube_statefulset_status_replicas',
    'Number of replicas.',
    ({ status }) => status?.replicas ?? 0,
  ),
  statefulSet(
    'kube_statefulset_status_replicas_ready',
    'Number of ready replicas.',
    ({ status }) => status?.readyReplicas ?? 0,
  ),
  statefulSet(
    'kube_statefulset_status_replicas_available',
    'Number of available replicas.',
    ({ status }) => status?.availableReplicas ?? 0,
  ),
  statefulSet(
    'kube_statefulset_status_replicas_current',
    'Number of replicas of the current revision.',
    ({ status }) => status?.currentReplicas ?? 0,
  ),
  statefulSet(
    'kube_statefulset_status_replicas_updated',
    'Number of replicas of the update revision.',
    ({ status }) => status?.updatedReplicas ?? 0,
  ),
  statefulSet(
    'kube_statefulset_status_observed_generation',
    'The generation observed by the controller.',
    ({ status }) => status?.observedGeneration ?? 0,
  ),
];

const budget = numbers<PodDisruptionBudget>('poddisruptionbudget');
export const DISRUPTION_BUDGET_FAMILIES: readonly StateFamily<PodDisruptionBudget>[] = [
  budget('kube_poddisruptionbudget_created', 'Unix creation timestamp.', ({ metadata }) =>
    epochS(metadata?.creationTimestamp),
  ),
  budget(
    'kube_poddisruptionbudget_status_current_healthy',
    'Current number of healthy pods.',
    ({ status }) => status?.currentHealthy,
  ),
  budget(
    'kube_poddisruptionbudget_status_desired_healthy',
    'Minimum desired number of healthy pods.',
    ({ status }) => status?.desiredHealthy,
  ),
  budget(
    'kube_poddisruptionbudget_status_pod_disruptions_allowed',
    'Number of disruptions that are allowed.',
    ({ status }) => status?.disruptionsAllowed,
  ),
  budget(
    'kube_poddisruptionbudget_status_expected_pods',
    'Number of pods counted by the budget.',
    ({ status }) => status?.expectedPods,
  ),
  budget(
    'kube_poddisruptionbudget_status_observed_generation',
    'The generation observed by the controller.',
    ({ status }) => status?.observedGeneration,
  ),
];
