import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import type { ClusterPaths } from '../../supervisor/cluster-directory.ts';
import type { ClusterBackend, SupervisorServices } from '../../supervisor/supervised-cluster.ts';
import { bringUp } from './bring-up.ts';
import { removeClusterCgroups } from './cgroups.ts';
import { Fleet } from './fleet.ts';
import { HubServices } from './hub-services.ts';
import { buildHub } from './hub.ts';
import type { LaunchPlan } from './launch.ts';

/** What an embedded cluster is made of: a hub with the control plane, and machines around it. */
export function embeddedBackend(
  options: {
    readonly plan: LaunchPlan;
    readonly paths: ClusterPaths;
    /** Open file descriptor of the host's network namespace. */
    readonly hostNamespaceFd: number;
    /** PATH of the control plane's programs. */
    readonly searchPath: string;
  },
  services: SupervisorServices,
): ClusterBackend {
  const { plan, paths } = options;
  const { log, signal } = services;
  const hub = new HubServices({ ...options, ...services, machines: () => fleet });
  const fleet: Fleet = new Fleet({ plan, paths, authority: () => hub.authority, signal });
  return {
    spec: plan.spec,
    software: plan.software,
    machines: {
      has: (node) => fleet.has(node),
      nodes: () => fleet.nodes(),
      inspect: (node) => fleet.inspect(node),
      act: (node, verb) => fleet.act(node, verb),
      replace: async (node) => (await fleet.replace(node)).replacement,
      loadImages: (request) => fleet.loadImages(request),
    },
    facts: () => hub.facts,
    footprint: () => ({ nodeGroups: fleet.nodeGroups, processes: hub.processes }),
    bringUp: (report) =>
      bringUp({ spec: plan.spec, buildHub, sharedDirectory: paths.shared, hub, fleet, log, signal }, report),
    collectLogs: (directory) => {
      cpSync(paths.logs, join(directory, 'hub'), { recursive: true });
      fleet.collectLogs(directory);
      return Promise.resolve();
    },
    stop: () => allOf([hub.stop(), fleet.retireAll()]),
    sweep: async () => {
      await fleet.unmountImages();
      await removeClusterCgroups(paths.directory);
    },
  };
}

/** Waits for all, and then fails with every reason. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as Error] : [],
  );
  if (failures.length > 0) {
    throw new FiredrillError('cluster.stop-failed', failures.map(messageOf).join('; '), {
      cause: failures[0],
    });
  }
}
