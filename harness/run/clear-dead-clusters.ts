import { reap } from '../../infra/reap.ts';
import type { Reaped } from '../../infra/supervisor/reap.ts';

/** Takes away what clusters have left whose supervisor was killed, and tells of it. */
export async function clearDeadClusters(
  env: NodeJS.ProcessEnv,
  print: (text: string) => void,
): Promise<readonly Reaped[]> {
  const reaped = await reap(env);
  for (const one of reaped) print(`cleared up after a supervisor that was killed: ${describeReaped(one)}\n`);
  return reaped;
}

/** What became of one such cluster, in a line. */
export function describeReaped({
  cluster,
  left,
  processes,
  cgroups,
  loopDevices,
  containers,
}: Reaped): string {
  if (left !== undefined) return `${cluster}: could not be taken away: ${left}`;
  const found = { processes, cgroups, 'loop devices': loopDevices, containers };
  const counts = Object.entries(found).filter(([, count]) => count > 0);
  return `${cluster}: ${[...counts.map(([what, count]) => `${count} ${what}`), 'its files'].join(', ')}`;
}
