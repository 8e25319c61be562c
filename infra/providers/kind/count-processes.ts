import { readFileSync, readdirSync } from 'node:fs';

/**
 * Number of processes in each container, by what this machine's kernel says of their control groups: any user may read that.
 * The engine would have to be asked once for each. Where its containers are in a virtual machine none is seen.
 *
 * @param ids whole ids, which every engine makes part of the group's name
 */
export function countProcesses(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>(ids.map((id) => [id, 0]));
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const groups = groupsOf(pid);
    for (const id of ids) if (groups.includes(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function groupsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
