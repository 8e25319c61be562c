import type { Footprint } from '../../infra/cluster.ts';
import { kernelText } from '../core/kernel-text.ts';

const GROUPS = '/sys/fs/cgroup';
/** Linux tells programs its times in hundredths of a second, whatever its own clock does. */
export const TICK_MS = 10;
const MS_PER_NS = 1e-6;
const MS_PER_US = 1e-3;

/** What one control group has had of the processors since it was made, with all groups below it. */
interface GroupTime {
  readonly usedMs: number;
  /** For how long its threads were kept from the processors by its quota, added up over them; absent where it has none. */
  readonly throttledMs?: number;
}

/** What is ours at one look: control groups of nodes by name, and single processes by pid. */
export interface OwnLook {
  readonly nodes: Readonly<Record<string, GroupTime>>;
  readonly processes: Readonly<Record<number, number>>;
}

/** @returns undefined where a group cannot be read: it has just gone, or lies where this process does not see it */
export function lookAtOwn(footprint: Footprint, processes: readonly number[]): OwnLook | undefined {
  const nodes = Object.entries(footprint.nodeGroups).map(
    ([name, group]) => [name, groupTime(group)] as const,
  );
  if (nodes.some(([, time]) => time === undefined)) return undefined;
  const pids = new Set([...footprint.processes, ...processes]);
  return {
    nodes: Object.fromEntries(nodes) as OwnLook['nodes'],
    processes: Object.fromEntries([...pids].map((pid) => [pid, processMs(kernelText(`/proc/${pid}/stat`))])),
  };
}

/**
 * Milliseconds of processor time that ours have had between two looks; undefined where a node has come or gone meanwhile, since
 * nobody knows what it had until then.
 */
export function ownMsBetween(first: OwnLook, last: OwnLook): number | undefined {
  const names = Object.keys(last.nodes);
  if (names.length !== Object.keys(first.nodes).length) return undefined;
  let ms = 0;
  for (const name of names) {
    const [before, after] = [first.nodes[name], last.nodes[name]];
    if (before === undefined || after === undefined || after.usedMs < before.usedMs) return undefined;
    ms += after.usedMs - before.usedMs;
  }
  for (const [pid, usedMs] of Object.entries(last.processes))
    ms += Math.max(0, usedMs - (first.processes[Number(pid)] ?? 0));
  return ms;
}

/** From the texts of a group's `cpu.stat` and, under version 1, of its `cpuacct.usage`. */
export function readGroup(stat: string, usage?: string): GroupTime {
  const figure = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  const usedMs = usage === undefined ? figure('usage_usec') * MS_PER_US : Number(usage) * MS_PER_NS;
  if (figure('nr_periods') === 0) return { usedMs };
  return { usedMs, throttledMs: figure('throttled_usec') * MS_PER_US + figure('throttled_time') * MS_PER_NS };
}

/** From the text of /proc/PID/stat; nothing where there is no such process (any more). */
export function processMs(stat: string | undefined): number {
  // The command in parentheses may itself hold spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

/** Under version 1 each controller has a hierarchy of its own. */
function groupTime(group: string): GroupTime | undefined {
  const usage = kernelText(`${GROUPS}/cpuacct${group}/cpuacct.usage`);
  const stat = kernelText(
    usage === undefined ? `${GROUPS}${group}/cpu.stat` : `${GROUPS}/cpu${group}/cpu.stat`,
  );
  return usage === undefined && stat === undefined ? undefined : readGroup(stat ?? '', usage);
}
