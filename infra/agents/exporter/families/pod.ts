import type { Labels, MetricSample } from '../../http/exposition.ts';
import type { Pod } from '../../../kube/objects.ts';
import {
  CONDITION_STATES,
  eachState,
  epochS,
  gauge,
  known,
  nameOf,
  namespaceOf,
  one,
  ownersOf,
  type StateFamily,
} from './family.ts';

const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];
const REASONS = ['Evicted', 'NodeAffinity', 'NodeLost', 'Shutdown', 'UnexpectedAdmissionError'];

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

type ContainerSamples = (status: ContainerStatus, labels: Labels) => readonly MetricSample[];

/** What is told of each container, by the end of the family's name. */
const OF_CONTAINERS: Readonly<Record<string, readonly [help: string, samples: ContainerSamples]>> = {
  ready: ['Whether the containers readiness check succeeded.', (of, labels) => flag(labels, of.ready)],
  running: ['Whether the container is running.', (of, labels) => flag(labels, of.state?.running)],
  waiting: ['Whether the container is waiting.', (of, labels) => flag(labels, of.state?.waiting)],
  waiting_reason: ['Why the container is waiting.', (of, labels) => reason(labels, of.state?.waiting)],
  terminated: ['Whether the container has terminated.', (of, labels) => flag(labels, of.state?.terminated)],
  terminated_reason: [
    'Why the container has terminated.',
    (of, labels) => reason(labels, of.state?.terminated),
  ],
  last_terminated_reason: [
    'Why the container terminated last.',
    (of, labels) => reason(labels, of.lastState?.terminated),
  ],
  last_terminated_exitcode: [
    'The exit code of the last termination.',
    (of, labels) => known(labels, of.lastState?.terminated?.exitCode),
  ],
};

export const POD_FAMILIES: readonly StateFamily<Pod>[] = [
  gauge('kube_pod_info', 'Information about pod.', (pod) => {
    const owner = controllerOf(pod);
    return one({
      ...podLabels(pod),
      host_ip: pod.status?.hostIP ?? '',
      pod_ip: pod.status?.podIP ?? '',
      node: pod.spec?.nodeName ?? '',
      created_by_kind: owner?.kind ?? '',
      created_by_name: owner?.name ?? '',
      priority_class: pod.spec?.priorityClassName ?? '',
      host_network: String(pod.spec?.hostNetwork ?? false),
    });
  }),
  gauge('kube_pod_owner', "Information about the Pod's owner.", (pod) => ownersOf(pod, podLabels(pod))),
  gauge('kube_pod_created', 'Unix creation timestamp.', (pod) =>
    known(podLabels(pod), epochS(pod.metadata?.creationTimestamp)),
  ),
  gauge('kube_pod_start_time', 'Start time in unix timestamp for a pod.', (pod) =>
    known(podLabels(pod), epochS(pod.status?.startTime)),
  ),
  gauge('kube_pod_deletion_timestamp', 'Unix deletion timestamp.', (pod) =>
    known(podLabels(pod), epochS(pod.metadata?.deletionTimestamp)),
  ),
  gauge('kube_pod_status_phase', "The pod's current phase.", (pod) => {
    const { phase } = pod.status ?? {};
    return phase === undefined ? [] : eachState(podLabels(pod), 'phase', PHASES, phase);
  }),
  gauge('kube_pod_status_ready', 'Whether the pod is ready to serve requests.', (pod) =>
    condition(pod, 'Ready'),
  ),
  gauge('kube_pod_status_ready_time', 'Unix time when the pod last became ready.', (pod) => {
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    return known(podLabels(pod), ready?.status === 'True' ? epochS(ready.lastTransitionTime) : undefined);
  }),
  gauge('kube_pod_status_scheduled', 'The status of the scheduling process for the pod.', (pod) =>
    condition(pod, 'PodScheduled'),
  ),
  gauge('kube_pod_status_unschedulable', 'The unschedulable status for the pod.', (pod) => {
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    return scheduled?.reason === 'Unschedulable' ? one(podLabels(pod)) : [];
  }),
  gauge('kube_pod_status_reason', 'The pod status reasons.', (pod) =>
    eachState(podLabels(pod), 'reason', REASONS, pod.status?.reason ?? ''),
  ),
  gauge('kube_pod_container_info', 'Information about a container in a pod.', (pod) =>
    containers(pod, (status, labels) =>
      one({
        ...labels,
        image: status.image,
        image_id: status.imageID,
        image_spec: pod.spec?.containers.find(({ name }) => name === status.name)?.image ?? '',
        container_id: status.containerID ?? '',
      }),
    ),
  ),
  ...Object.entries(OF_CONTAINERS).map(([figure, [help, samples]]) =>
    gauge<Pod>(`kube_pod_container_status_${figure}`, help, (pod) => containers(pod, samples)),
  ),
  {
    name: 'kube_pod_container_status_restarts_total',
    help: 'Container restarts.',
    type: 'counter',
    samples: (pod) => containers(pod, ({ restartCount }, labels) => one(labels, restartCount)),
  },
];

function podLabels(pod: Pod): Labels {
  return { namespace: namespaceOf(pod), pod: nameOf(pod), uid: pod.metadata?.uid ?? '' };
}

function controllerOf(pod: Pod): { readonly kind: string; readonly name: string } | undefined {
  return pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

function condition(pod: Pod, wanted: string): readonly MetricSample[] {
  const found = pod.status?.conditions?.find(({ type }) => type === wanted);
  return found === undefined
    ? []
    : eachState(podLabels(pod), 'condition', CONDITION_STATES, found.status.toLowerCase());
}

function containers(pod: Pod, samples: ContainerSamples): readonly MetricSample[] {
  return (pod.status?.containerStatuses ?? []).flatMap((status) =>
    samples(status, { ...podLabels(pod), container: status.name }),
  );
}

/** 1 where something is there, or true; 0 otherwise. */
function flag(labels: Labels, value: object | boolean | undefined): readonly MetricSample[] {
  return one(labels, value === undefined || value === false ? 0 : 1);
}

function reason(labels: Labels, state: { readonly reason?: string } | undefined): readonly MetricSample[] {
  return state?.reason === undefined ? [] : one({ ...labels, reason: state.reason });
}
