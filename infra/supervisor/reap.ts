import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../harness/core/errors.ts';
import {
  clusterPaths,
  liveClusters,
  ownerOf,
  providerOfDirectory,
  removeClusterDirectory,
} from './cluster-directory.ts';
import { takeLock } from '../process/lock.ts';
import { namesIn } from '../process/state-root.ts';
import { SupervisorClient } from './client.ts';

/** What was found, and taken away, of a cluster whose supervisor had died. */
export interface Swept {
  readonly processes: number;
  readonly cgroups: number;
  readonly loopDevices: number;
  readonly containers: number;
}

export const NOTHING_SWEPT: Swept = { processes: 0, cgroups: 0, loopDevices: 0, containers: 0 };

/** Takes away what a killed supervisor has left outside of its cluster's directory. */
export type Sweep = (directory: string) => Promise<Swept>;

/** Sweeps by the name of the provider whose clusters they are for. */
export type Sweepers = Readonly<Record<string, Sweep>>;

/** What was found of a cluster whose supervisor had died. */
export interface Reaped extends Swept {
  readonly cluster: string;
  /** Why it could not be taken away; absent where nothing of it is left. */
  readonly left?: string;
}

/**
 * Clears away what clusters of these providers have left whose supervisor was killed. Clusters whose supervisor lives are
 * not touched, nor are those of other providers. What cannot be taken away now keeps its directory, and the next call
 * tries again. Safe to call at any time.
 */
export async function reapClusters(sweepers: Sweepers, root: string): Promise<Reaped[]> {
  if (orphans(root).length === 0) return [];
  // Two that reap the same name could kill what a third has just started under it.
  using _lock = await takeLock(`${root}.lock`);
  const reaped: Reaped[] = [];
  for (const name of orphans(root)) {
    const directory = join(root, name);
    const sweep = sweepers[providerOfDirectory(directory) ?? ''];
    if (name.startsWith('.')) rmSync(directory, { recursive: true, force: true });
    else if (sweep !== undefined) reaped.push(await reapCluster(name, directory, sweep));
  }
  return reaped;
}

function orphans(root: string): string[] {
  return namesIn(root).filter((name) => ownerOf(join(root, name)) === 'dead');
}

/** A quarantined cluster, and what keeps it so. */
interface QuarantineLook {
  readonly cluster: string;
  /** Empty where the quarantine has ended. */
  readonly left: readonly string[];
}

const LOOKED = z.object({ left: z.array(z.string()) });

/** Has the supervisors of quarantined clusters undo what is left and look at their machines. */
export async function liftQuarantines(root: string): Promise<QuarantineLook[]> {
  const quarantined = liveClusters(root).filter((name) => existsSync(clusterPaths(name, root).quarantine));
  return Promise.all(
    quarantined.map(async (cluster) => {
      const client = new SupervisorClient(clusterPaths(cluster, root).controlSocket);
      try {
        const { left } = await client.ask(LOOKED, 'POST', '/v1/quarantine/lift');
        return { cluster, left };
      } catch (error) {
        return { cluster, left: [messageOf(error)] };
      }
    }),
  );
}

async function reapCluster(cluster: string, directory: string, sweep: Sweep): Promise<Reaped> {
  try {
    const swept = await sweep(directory);
    removeClusterDirectory(directory);
    return { cluster, ...swept };
  } catch (error) {
    return { cluster, ...NOTHING_SWEPT, left: messageOf(error) };
  }
}
