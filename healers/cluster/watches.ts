import type { KubeClient } from '../../infra/kube/client.ts';
import { listWatch } from '../../infra/kube/list-watch.ts';
import { permissions } from '../runtime/permission.ts';
import { NODE_LEASES } from './leases.ts';
import { complete } from './call.ts';
import {
  readyEndpoints,
  reduceLease,
  reduceNode,
  type LeaseObject,
  type NodeObject,
  type ReadyEndpoints,
} from './objects.ts';

export const WATCH_PERMISSIONS = [
  ...permissions(
    { scope: 'cluster', group: '', resource: 'nodes' },
    { list: 'watch nodes', watch: 'watch nodes' },
  ),
  ...permissions(
    { scope: 'cluster', group: 'discovery.k8s.io', resource: 'endpointslices' },
    { list: 'raise suspicion', watch: 'raise suspicion' },
  ),
  ...permissions(
    { scope: NODE_LEASES, group: 'coordination.k8s.io', resource: 'leases' },
    { list: 'watch node leases', watch: 'watch node leases' },
  ),
];

interface NodeWatchHandlers {
  readonly node: (node: NodeObject) => void;
  readonly nodeDeleted: (node: NodeObject) => void;
  readonly lease: (lease: LeaseObject) => void;
  /** A node lost ready endpoints: a hint that something is wrong with it. */
  readonly endpointsLost: (node: string) => void;
}

/** The node path's windows on the cluster. */
export interface NodeWatches {
  /** Resolves when nodes and leases are complete; endpoints only hurry things along. */
  readonly synced: Promise<void>;
  run(signal: AbortSignal): Promise<void>;
  /** CLOCK_MONOTONIC milliseconds of the last sign of the API server on each watch. */
  freshAtMs(): Readonly<Record<'nodes' | 'leases' | 'endpointslices', number>>;
  /** When each watch last tried to hear from the API server, which an outage does not end. */
  activeAtMs(): Readonly<Record<'nodes' | 'leases' | 'endpointslices', number>>;
}

/** Silence on the lease watch is broken by a cheap read after this: it is how we know that our own access works. */
const PROBE_INTERVAL_MS = 1000;

export function nodeWatches(kube: KubeClient, handlers: NodeWatchHandlers): NodeWatches {
  const nodes = listWatch(kube, { apiVersion: 'v1', kind: 'Node' } as const, {
    transform: (node) => reduceNode(complete(node)),
    onChange: (change) => {
      if (change.type === 'deleted') handlers.nodeDeleted(change.object);
      else if (change.type === 'added' || change.type === 'modified') handlers.node(change.object);
    },
  });
  const leaseSelection = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    namespace: NODE_LEASES,
  } as const;
  const leases = listWatch(kube, leaseSelection, {
    transform: (lease) => reduceLease(complete(lease)),
    probeIntervalMs: PROBE_INTERVAL_MS,
    onChange: (change) => {
      if (change.type === 'added' || change.type === 'modified') handlers.lease(change.object);
    },
  });
  const slices = listWatch(kube, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' } as const, {
    transform: readyEndpoints,
    onChange: (change) => {
      if (change.type !== 'modified') return;
      for (const node of nodesThatLostEndpoints(change.previous, change.object)) handlers.endpointsLost(node);
    },
  });
  const synced = Promise.all([nodes.synced, leases.synced]).then(() => undefined);
  // Whoever waits for it gets its rejection; `run` rejects with the same.
  synced.catch(() => undefined);
  return {
    synced,
    run: async (signal) => {
      await Promise.all([nodes.start(signal), leases.start(signal), slices.start(signal)]);
    },
    freshAtMs: () => ({
      nodes: nodes.lastFreshMonoMs,
      leases: leases.lastFreshMonoMs,
      endpointslices: slices.lastFreshMonoMs,
    }),
    activeAtMs: () => ({
      nodes: nodes.lastActiveMonoMs,
      leases: leases.lastActiveMonoMs,
      endpointslices: slices.lastActiveMonoMs,
    }),
  };
}

/** Nodes that have fewer ready endpoints now than before. */
function nodesThatLostEndpoints(before: ReadyEndpoints, after: ReadyEndpoints): readonly string[] {
  return [...before].filter(([node, count]) => (after.get(node) ?? 0) < count).map(([node]) => node);
}
