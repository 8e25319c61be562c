import { FiredrillError } from '../../../harness/core/errors.ts';
import type { KubeClient } from '../../kube/client.ts';
import { ListWatch } from '../../kube/list-watch.ts';
import type { KindRef, KubeObject } from '../../kube/objects.ts';
import { renderExposition, type MetricFamily } from '../http/exposition.ts';
import { fillFamilies, type StateFamily } from './families/family.ts';
import { NODE_FAMILIES } from './families/node.ts';
import { POD_FAMILIES } from './families/pod.ts';
import { ENDPOINT_SLICE_FAMILIES, SERVICE_FAMILIES } from './families/service.ts';
import {
  DEPLOYMENT_FAMILIES,
  DISRUPTION_BUDGET_FAMILIES,
  REPLICA_SET_FAMILIES,
  STATEFUL_SET_FAMILIES,
} from './families/workload.ts';

/** How long a watch may be silent before the API server is asked whether it still answers, so that the age tells the truth. */
const PROBE_INTERVAL_MS = 5_000;

/** One kind of objects, watched and shown. */
interface Shown {
  readonly resource: string;
  readonly start: (signal: AbortSignal) => Promise<void>;
  readonly lastFreshMonoMs: () => number;
  /** The text of its series, made again only after a change. */
  readonly text: () => string;
}

/** The state of the cluster as Prometheus reads it. */
export interface ClusterState {
  /** Runs until the signal aborts; rejects when a list is denied. */
  run(signal: AbortSignal): Promise<void>;
  /** The kinds that were not listed yet, or nothing when the state is whole. */
  missing(): string | undefined;
  /** Throws `exporter.incomplete` while kinds are missing: half a cluster must not look like a whole one. */
  text(): string;
}

/** Watches everything that the exporter shows. */
export function clusterState(kube: KubeClient): ClusterState {
  const shown: readonly Shown[] = [
    show(kube, { apiVersion: 'v1', kind: 'Node' }, 'nodes', NODE_FAMILIES),
    show(kube, { apiVersion: 'v1', kind: 'Pod' }, 'pods', POD_FAMILIES),
    show(kube, { apiVersion: 'v1', kind: 'Service' }, 'services', SERVICE_FAMILIES),
    show(kube, { apiVersion: 'apps/v1', kind: 'Deployment' }, 'deployments', DEPLOYMENT_FAMILIES),
    show(kube, { apiVersion: 'apps/v1', kind: 'ReplicaSet' }, 'replicasets', REPLICA_SET_FAMILIES),
    show(kube, { apiVersion: 'apps/v1', kind: 'StatefulSet' }, 'statefulsets', STATEFUL_SET_FAMILIES),
    show(
      kube,
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
      'endpointslices',
      ENDPOINT_SLICE_FAMILIES,
    ),
    show(
      kube,
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
      'poddisruptionbudgets',
      DISRUPTION_BUDGET_FAMILIES,
    ),
  ];
  const missing = (): string | undefined => {
    const waiting = shown.filter(({ lastFreshMonoMs }) => lastFreshMonoMs() === -Infinity);
    return waiting.length === 0
      ? undefined
      : `not listed yet: ${waiting.map(({ resource }) => resource).join(', ')}`;
  };
  return {
    run: async (signal) => {
      await Promise.all(shown.map(({ start }) => start(signal)));
    },
    missing,
    text: () => {
      const reason = missing();
      if (reason !== undefined) throw new FiredrillError('exporter.incomplete', reason);
      return shown.map(({ text }) => text()).join('') + renderExposition([ageFamily(kube, shown)]);
    },
  };
}

function show<T extends KubeObject>(
  kube: KubeClient,
  kind: KindRef,
  resource: string,
  families: readonly StateFamily<T>[],
): Shown {
  let text: string | undefined;
  const watch = new ListWatch<T, T>(kube, kind, {
    probeIntervalMs: PROBE_INTERVAL_MS,
    onChange: () => (text = undefined),
  });
  return {
    resource,
    start: (signal) => watch.start(signal),
    lastFreshMonoMs: () => watch.lastFreshMonoMs,
    text: () => (text ??= renderExposition(fillFamilies(families, watch.list()))),
  };
}

function ageFamily(kube: KubeClient, shown: readonly Shown[]): MetricFamily {
  const now = kube.clock.now().monoMs;
  return {
    name: 'cluster_state_cache_age_seconds',
    help: 'Since the last sign of the API server that what is shown of the resource is current.',
    type: 'gauge',
    samples: shown.map(({ resource, lastFreshMonoMs }) => ({
      labels: { resource },
      value: (now - lastFreshMonoMs()) / 1_000,
    })),
  };
}
