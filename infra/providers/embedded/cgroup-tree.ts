import { existsSync, readdirSync, rmdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import { isMissing } from '../../../harness/core/file-errors.ts';
import { kernelText } from '../../../harness/core/kernel-text.ts';

/** Where every distribution mounts them. */
export const CGROUP_MOUNT = '/sys/fs/cgroup';
/** Of version 2: without one of them no kubelet starts. */
export const REQUIRED_CONTROLLERS: readonly string[] = ['cpu', 'memory', 'pids'];
const CGROUP2_MAGIC = 0x63677270;
/** How long groups may take to become frozen or empty. */
export const SETTLED_WITHIN_MS = patient(5_000);

export type CgroupVersion = 1 | 2;

/** The control groups in which those of our clusters are made. */
export interface CgroupTree {
  /** Where the hierarchy of version 2 is mounted; under version 1 the folder around the hierarchies. */
  readonly root: string;
  readonly version: CgroupVersion;
  /** Name of the parent of all our groups; it is removed with the last cluster. */
  readonly ours: string;
  /** Controllers of version 2 that a cluster cannot do without. */
  readonly required: readonly string[];
}

/** The tree that is mounted here. */
export function cgroupTree(root = CGROUP_MOUNT): CgroupTree {
  const version = statfsSync(root).type === CGROUP2_MAGIC ? 2 : 1;
  return { root, version, ours: 'firedrill', required: REQUIRED_CONTROLLERS };
}

/** Directories of the controllers that nodes are put into: one for version 2, one per hierarchy for version 1. */
export function hierarchies({ root, version }: CgroupTree): string[] {
  if (version === 2) return [root];
  return ['cpu', 'cpuset', 'cpuacct', 'memory', 'pids', 'freezer', 'blkio', 'devices', 'systemd']
    .map((controller) => join(root, controller))
    .filter((path) => existsSync(join(path, 'cgroup.procs')));
}

/** Every hierarchy in which something of ours may have been made, by us or by a kubelet. */
export function allHierarchies({ root, version }: CgroupTree): string[] {
  if (version === 2) return [root];
  return readdirSync(root)
    .map((entry) => join(root, entry))
    .filter((path) => existsSync(join(path, 'cgroup.procs')));
}

/** The file that freezes a group, which is a path below the root, and what is written into it. */
export function freezer({ root, version }: CgroupTree, group: string) {
  return version === 2
    ? { file: join(root, group, 'cgroup.freeze'), frozen: '1', thawed: '0' }
    : { file: join(root, 'freezer', group, 'freezer.state'), frozen: 'FROZEN', thawed: 'THAWED' };
}

/** Whether all in a group stands still; nothing does in one that is not there. */
export function isFrozen({ root, version }: CgroupTree, group: string): boolean {
  return version === 2
    ? /^frozen 1$/m.test(kernelText(join(root, group, 'cgroup.events')) ?? '')
    : kernelText(join(root, 'freezer', group, 'freezer.state'))?.trim() === 'FROZEN';
}

/** Pids of the processes in a group and those below it; none where it does not exist. */
export function pidsBelow(group: string): number[] {
  const own = (kernelText(join(group, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number);
  return [...own, ...childGroups(group).flatMap(pidsBelow)];
}

/** Groups within one; none where it does not exist, or no longer. */
export function childGroups(group: string): string[] {
  try {
    return readdirSync(group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(group, entry.name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/**
 * Removes a group and those below it; all their processes must have been ended.
 * @throws FiredrillError `cgroup.not-removed`
 */
export async function removeTree(group: string): Promise<void> {
  if (!existsSync(group)) return;
  for (const child of childGroups(group)) await removeTree(child);
  const deadlineMs = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    try {
      rmdirSync(group);
      return;
    } catch (error) {
      if (isMissing(error)) return;
      // A process that was just killed leaves its group a moment after its parent has heard of it.
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || performance.now() > deadlineMs) {
        throw new FiredrillError('cgroup.not-removed', `${group} could not be removed`, { cause: error });
      }
      await delay(5);
    }
  }
}
