import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cgroupsOf, processesOf, removeClusterCgroups } from '../embedded/cgroups.ts';
import { clustersRoot } from '../state-directory.ts';
import { run } from './command.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

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
 * with it; groups and files stay until here. Clusters whose supervisor lives are not touched. Safe to call at any time.
 */
export async function reap(root: string = clustersRoot()): Promise<Reaped[]> {
  if (!existsSync(root)) return [];
  const reaped: Reaped[] = [];
  for (const name of readdirSync(root)) {
    const directory = join(root, name);
    if (!isOrphaned(directory)) continue;
    reaped.push(await reapCluster(name, directory));
  }
  return reaped;
}

/** A cluster without a written identity is one whose supervisor is just starting, unless its maker has died. */
function isOrphaned(directory: string): boolean {
  for (const file of ['supervisor.json', 'maker.json']) {
    const path = join(directory, file);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, 'utf8');
    if (text === '') return false;
    return !isAlive(JSON.parse(text) as ProcessIdentity);
  }
  return true;
}

async function reapCluster(cluster: string, directory: string): Promise<Reaped> {
  const processes = processesOf(cluster);
  for (const pid of processes) killIfThere(pid);
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  while (processesOf(cluster).length > 0 && performance.now() < deadlineMs) await delay(20);
  const cgroups = cgroupsOf(cluster).length;
  const loopDevices = await detachLoops(directory);
  await removeClusterCgroups(cluster);
  rmSync(directory, { recursive: true, force: true });
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
