import type {
  Deployment,
  KubeObject,
  PodDisruptionBudget,
  ReplicaSet,
  StatefulSet,
} from '../../../kube/objects.ts';
import {
  CONDITION_STATES,
  eachState,
  epochS,
  gauge,
  identity,
  known,
  ownersOf,
  type StateFamily,
} from './family.ts';

/** One number per object: its HELP text, and how it is read. */
type Figure<T> = readonly [help: string, read: (object: T) => number | undefined];

/** Families of one number per object, each named `kube_KIND_FIGURE`. */
function figures<T extends KubeObject>(
  kind: string,
  table: Readonly<Record<string, Figure<T>>>,
): StateFamily<T>[] {
  const labels = identity(kind);
  const created: Figure<T> = [
    'Unix creation timestamp.',
    ({ metadata }) => epochS(metadata?.creationTimestamp),
  ];
  return Object.entries({ created, ...table }).map(([figure, [help, read]]) =>
    gauge(`kube_${kind}_${figure}`, help, (object) => known(labels(object), read(object))),
  );
}

const DESIRED = 'The generation of the desired state.';
const OBSERVED = 'The generation observed by the controller.';

const deployment = identity('deployment');
export const DEPLOYMENT_FAMILIES: readonly StateFamily<Deployment>[] = [
  ...figures<Deployment>('deployment', {
    metadata_generation: [DESIRED, ({ metadata }) => metadata?.generation],
    spec_replicas: ['Number of desired pods.', ({ spec }) => spec?.replicas ?? 1],
    spec_paused: ['Whether the deployment is paused.', ({ spec }) => (spec?.paused === true ? 1 : 0)],
    status_replicas: ['Number of replicas.', ({ status }) => status?.replicas ?? 0],
    status_replicas_ready: ['Number of ready replicas.', ({ status }) => status?.readyReplicas ?? 0],
    status_replicas_available: [
      'Number of available replicas.',
      ({ status }) => status?.availableReplicas ?? 0,
    ],
    status_replicas_unavailable: [
      'Number of unavailable replicas.',
      ({ status }) => status?.unavailableReplicas ?? 0,
    ],
    status_replicas_updated: ['Number of updated replicas.', ({ status }) => status?.updatedReplicas ?? 0],
    status_observed_generation: [OBSERVED, ({ status }) => status?.observedGeneration ?? 0],
  }),
  gauge('kube_deployment_status_condition', 'The current status conditions.', (object) =>
    (object.status?.conditions ?? []).flatMap(({ type, status, reason }) => {
      const labels = { ...deployment(object), condition: type, reason: reason ?? '' };
      return eachState(labels, 'status', CONDITION_STATES, status.toLowerCase());
    }),
  ),
];

const replicaSet = identity('replicaset');
export const REPLICA_SET_FAMILIES: readonly StateFamily<ReplicaSet>[] = [
  ...figures<ReplicaSet>('replicaset', {
    metadata_generation: [DESIRED, ({ metadata }) => metadata?.generation],
    spec_replicas: ['Number of desired pods.', ({ spec }) => spec?.replicas ?? 1],
    status_replicas: ['Number of replicas.', ({ status }) => status?.replicas ?? 0],
    status_ready_replicas: ['Number of ready replicas.', ({ status }) => status?.readyReplicas ?? 0],
    status_fully_labeled_replicas: [
      'Number of fully labelled replicas.',
      ({ status }) => status?.fullyLabeledReplicas ?? 0,
    ],
    status_observed_generation: [OBSERVED, ({ status }) => status?.observedGeneration ?? 0],
  }),
  gauge('kube_replicaset_owner', "Information about the ReplicaSet's owner.", (object) =>
    ownersOf(object, replicaSet(object)),
  ),
];

export const STATEFUL_SET_FAMILIES = figures<StatefulSet>('statefulset', {
  metadata_generation: [DESIRED, ({ metadata }) => metadata?.generation],
  replicas: ['Number of desired pods.', ({ spec }) => spec?.replicas ?? 1],
  status_replicas: ['Number of replicas.', ({ status }) => status?.replicas ?? 0],
  status_replicas_ready: ['Number of ready replicas.', ({ status }) => status?.readyReplicas ?? 0],
  status_replicas_available: [
    'Number of available replicas.',
    ({ status }) => status?.availableReplicas ?? 0,
  ],
  status_replicas_current: [
    'Number of replicas of the current revision.',
    ({ status }) => status?.currentReplicas ?? 0,
  ],
  status_replicas_updated: [
    'Number of replicas of the update revision.',
    ({ status }) => status?.updatedReplicas ?? 0,
  ],
  status_observed_generation: [OBSERVED, ({ status }) => status?.observedGeneration ?? 0],
});

export const DISRUPTION_BUDGET_FAMILIES = figures<PodDisruptionBudget>('poddisruptionbudget', {
  status_current_healthy: ['Current number of healthy pods.', ({ status }) => status?.currentHealthy],
  status_desired_healthy: ['Minimum desired number of healthy pods.', ({ status }) => status?.desiredHealthy],
  status_pod_disruptions_allowed: [
    'Number of disruptions that are allowed.',
    ({ status }) => status?.disruptionsAllowed,
  ],
  status_expected_pods: ['Number of pods counted by the budget.', ({ status }) => status?.expectedPods],
  status_observed_generation: [OBSERVED, ({ status }) => status?.observedGeneration],
});
