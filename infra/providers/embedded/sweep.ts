import { setTimeout as delay } from 'node:timers/promises';
import { patient } from '../../../harness/core/patience.ts';
import { killIfThere, run } from '../../process/run.ts';
import { NOTHING_SWEPT, type Swept } from '../../supervisor/reap.ts';
import { cgroupsOf, processesOf, removeClusterCgroups, thawCluster } from './cgroups.ts';

const GONE_WITHIN_MS = patient(5_000);

/**
 * Takes away what a killed supervisor has left. Its processes are dead already, since they die with it, but for those of
 * a frozen machine; groups stay until here.
 */
export async function sweepEmbedded(directory: string): Promise<Swept> {
  const processes = processesOf(directory);
  for (const pid of processes) killIfThere(pid);
  thawCluster(directory);
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  while (processesOf(directory).length > 0 && performance.now() < deadlineMs) await delay(20);
  const cgroups = cgroupsOf(directory).length;
  const loopDevices = await detachLoops(directory);
  await removeClusterCgroups(directory);
  return { ...NOTHING_SWEPT, processes: processes.length, cgroups, loopDevices };
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
