import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../harness/core/errors.ts';
import { cgroupsOf, processesOf, removeClusterCgroups, thawCluster } from '../embedded/cgroups.ts';
import { clusterPaths, clustersRoot } from '../state-directory.ts';
import { takeLock } from '../toolchain/lock.ts';
import { SupervisorClient } from './client.ts';
import { isOrphaned, liveClusters, removeClusterDirectory } from './cluster-directory.ts';
import { run } from './command.ts';

const GONE_WITHIN_MS = 5_000;

/** What was found of a cluster whose supervisor had died. */
export interface Reaped {
  readonly cluster: string;
  readonly processes: number;
  readonly cgroups: number;
  readonly loopDevices: number;
}

/**
 * Clears away what clusters have left whose supervisor was killed. Their processes are dead already, since they die
 * with it, but for those of a frozen machine; groups and files stay until here. Clusters whose supervisor lives are not touched. Safe to call at any time.
 */
export async function reap(root: string = clustersRoot()): Promise<Reaped[]> {
  if (orphans(root).length === 0) return [];
  // Two that reap the same name could kill what a third has just started under it.
  const lock = await takeLock(`${root}.reaping`);
  try {
    const reaped: Reaped[] = [];
    for (const name of orphans(root)) {
      const directory = join(root, name);
      if (name.startsWith('.')) rmSync(directory, { recursive: true, force: true });
      else reaped.push(await reapCluster(name, directory));
    }
    return reaped;
  } finally {
    await lock.release();
  }
}

function orphans(root: string): string[] {
  return existsSync(root) ? readdirSync(root).filter((name) => isOrphaned(join(root, name))) : [];
}

/** A quarantined cluster, and what keeps it so. */
export interface QuarantineLook {
  readonly cluster: string;
  /** Empty where the quarantine has ended. */
  readonly left: readonly string[];
}

/** Has the supervisors of quarantined clusters undo what is left and look at their machines. */
export async function liftQuarantines(root: string = clustersRoot()): Promise<QuarantineLook[]> {
  const quarantined = liveClusters(root).filter((name) => existsSync(clusterPaths(name, root).quarantine));
  return Promise.all(
    quarantined.map(async (cluster) => {
      const client = new SupervisorClient(clusterPaths(cluster, root).controlSocket);
      try {
        const { left } = await client.call<{ left: string[] }>('POST', '/v1/quarantine/lift');
        return { cluster, left };
      } catch (error) {
        return { cluster, left: [messageOf(error)] };
      }
    }),
  );
}

async function reapCluster(cluster: string, directory: string): Promise<Reaped> {
  const processes = processesOf(cluster);
  for (const pid of processes) killIfThere(pid);
  thawCluster(cluster);
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  while (processesOf(cluster).length > 0 && performance.now() < deadlineMs) await delay(20);
  const cgroups = cgroupsOf(cluster).length;
  const loopDevices = await detachLoops(directory);
  await removeClusterCgroups(cluster);
  removeClusterDirectory(directory);
  return { cluster, processes: processes.length, cgroups, loopDevices };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It was dying with its supervisor already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Loop devices vanish with the last mount; this is for a machine that died between the two steps of making one. */
async function detachLoops(directory: string): Promise<number> {
  const listed = await run('losetup', ['--list', '--json', '--output', 'NAME,BACK-FILE']);
  if (listed.trim() === '') return 0;
  const { loopdevices } = JSON.parse(listed) as {
    loopdevices: { name: string; 'back-file': string | null }[];
  };
  const ours = loopdevices.filter((device) => device['back-file']?.startsWith(`${directory}/`));
  for (const device of ours) await run('losetup', ['--detach', device.name]);
  return ours.length;
}
