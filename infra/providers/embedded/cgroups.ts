import { hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { isMissing } from '../../../harness/core/file-errors.ts';
import { enableControllers, isMark, restoreControllers } from './root-controllers.ts';

const CGROUP_ROOT = '/sys/fs/cgroup';
const CGROUP2_MAGIC = 0x63677270;
/** The parent of all our groups; removed with the last cluster. */
const OURS = 'firedrill';
const EMPTY_WITHIN_MS = 5_000;

export type CgroupVersion = 1 | 2;

export function cgroupVersion(): CgroupVersion {
  return statfsSync(CGROUP_ROOT).type === CGROUP2_MAGIC ? 2 : 1;
}

/** Directories of the controllers that nodes are put into: one for version 2, one per hierarchy for version 1. */
function hierarchies(version: CgroupVersion): string[] {
  if (version === 2) return [CGROUP_ROOT];
  return ['cpu', 'cpuset', 'cpuacct', 'memory', 'pids', 'freezer', 'blkio', 'devices', 'systemd']
    .map((controller) => join(CGROUP_ROOT, controller))
    .filter((path) => existsSync(join(path, 'cgroup.procs')));
}

/** Every hierarchy in which something of ours may have been made, by us or by a kubelet. */
function allHierarchies(version: CgroupVersion): string[] {
  if (version === 2) return [CGROUP_ROOT];
  return readdirSync(CGROUP_ROOT)
    .map((entry) => join(CGROUP_ROOT, entry))
    .filter((path) => existsSync(join(path, 'cgroup.procs')));
}

/**
 * The group of a cluster below ours. The kernel has one tree of groups for all users, and a cluster's name is unique only within
 * its folder of clusters, so the group's name has a digest of that folder.
 *
 * @param directory The cluster's, which need not exist any more; the folder around it does
 */
export function clusterGroup(directory: string): string {
  const root = hash('sha256', realpathSync(dirname(directory))).slice(0, 8);
  return join(OURS, `${basename(directory)}.${root}`);
}

/** The cgroups of one machine: a subtree of its own that kubelet's pods hang below. */
export class MachineCgroup {
  readonly #version: CgroupVersion;
  readonly #path: string;
  readonly #cpuWeight: number;

  /**
   * @param directory the cluster's
   * @param cpuWeight share of the processor under contention, 1 to 100 times that of an ordinary machine
   */
  constructor(directory: string, machine: string, cpuWeight = 1, version: CgroupVersion = cgroupVersion()) {
    this.#version = version;
    this.#path = join(clusterGroup(directory), machine);
    this.#cpuWeight = cpuWeight;
  }

  /** As the kubelet wants it in `cgroupRoot`. */
  get kubeletRoot(): string {
    return `/${this.#path}`;
  }

  /** Makes the groups and returns the `cgroup.procs` files that the machine's first process writes itself into. */
  create(): string[] {
    if (this.#version === 2) return [this.#createUnified()];
    return hierarchies(1).map((hierarchy) => {
      const group = join(hierarchy, this.#path);
      mkdirSync(group, { recursive: true });
      if (hierarchy.endsWith('/cpuset')) inheritCpus(hierarchy, this.#path);
      if (hierarchy.endsWith('/cpu'))
        writeFileSync(join(group, 'cpu.shares'), String(1024 * this.#cpuWeight));
      return join(group, 'cgroup.procs');
    });
  }

  #createUnified(): string {
    const enable = enableControllers(CGROUP_ROOT, OURS);
    let group = CGROUP_ROOT;
    for (const part of this.#path.split('/')) {
      writeFileSync(join(group, 'cgroup.subtree_control'), enable);
      group = join(group, part);
      mkdirSync(group, { recursive: true });
    }
    writeFileSync(join(group, 'cgroup.subtree_control'), enable);
    writeFileSync(join(group, 'cpu.weight'), String(100 * this.#cpuWeight));
    // Version 2 allows processes in leaves only, so the machine's own programs get one beside the pods.
    const leaf = join(group, 'machine');
    mkdirSync(leaf, { recursive: true });
    return join(leaf, 'cgroup.procs');
  }

  /** Pids, as this machine sees them, of everything that runs on the node. */
  processes(): number[] {
    return pidsBelow(join(this.#version === 2 ? CGROUP_ROOT : join(CGROUP_ROOT, 'freezer'), this.#path));
  }

  freeze(): Promise<void> {
    return this.#setFrozen(true);
  }

  thaw(): Promise<void> {
    return this.#setFrozen(false);
  }

  isFrozen(): boolean {
    if (this.#version === 2) {
      const path = join(CGROUP_ROOT, this.#path, 'cgroup.events');
      return existsSync(path) && /^frozen 1$/m.test(readFileSync(path, 'utf8'));
    }
    const path = join(CGROUP_ROOT, 'freezer', this.#path, 'freezer.state');
    return existsSync(path) && readFileSync(path, 'utf8').trim() === 'FROZEN';
  }

  async #setFrozen(frozen: boolean): Promise<void> {
    const [file, value] =
      this.#version === 2
        ? [join(CGROUP_ROOT, this.#path, 'cgroup.freeze'), frozen ? '1' : '0']
        : [join(CGROUP_ROOT, 'freezer', this.#path, 'freezer.state'), frozen ? 'FROZEN' : 'THAWED'];
    if (!frozen && !existsSync(file)) return;
    const deadlineMs = performance.now() + EMPTY_WITHIN_MS;
    do {
      // Version 1 reports FREEZING until each process has stopped, and wants to be told again for those that forked.
      writeFileSync(file, value);
      if (this.isFrozen() === frozen) return;
      await delay(5);
    } while (performance.now() < deadlineMs);
    throw new FiredrillError(
      'cgroup.freeze-timeout',
      `${file} did not become ${value} within ${EMPTY_WITHIN_MS} ms; ${this.processes().length} processes are in it`,
    );
  }

  /** Removes the groups; all processes must have ended. */
  async remove(): Promise<void> {
    for (const hierarchy of allHierarchies(this.#version)) await removeTree(join(hierarchy, this.#path));
  }
}

/** A new cpuset group has neither processors nor memory and takes no process before it is given both. */
function inheritCpus(hierarchy: string, path: string): void {
  let group = hierarchy;
  for (const part of path.split('/')) {
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const value = readFileSync(join(group, file), 'utf8').trim();
      if (readFileSync(join(group, part, file), 'utf8').trim() === '')
        writeFileSync(join(group, part, file), value);
    }
    group = join(group, part);
  }
}

function pidsBelow(group: string): number[] {
  if (!existsSync(group)) return [];
  const own = readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  return [...own, ...childGroups(group).flatMap(pidsBelow)];
}

function childGroups(group: string): string[] {
  return readdirSync(group, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(group, entry.name));
}

async function removeTree(group: string): Promise<void> {
  if (!existsSync(group)) return;
  for (const child of childGroups(group)) await removeTree(child);
  const deadlineMs = performance.now() + EMPTY_WITHIN_MS;
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

/** Paths of all groups of a cluster (or of all clusters) that exist now; empty after a clean end. */
export function cgroupsOf(directory?: string): string[] {
  const group = directory === undefined ? OURS : clusterGroup(directory);
  return allHierarchies(cgroupVersion())
    .map((hierarchy) => join(hierarchy, group))
    .filter((path) => existsSync(path));
}

/** Pids of everything in the cluster's groups. */
export function processesOf(directory: string): number[] {
  return [...new Set(cgroupsOf(directory).flatMap(pidsBelow))];
}

/**
 * Lets every machine of a cluster run again whose supervisor has died while it was frozen: under version 1 a killed
 * process does not end before that.
 */
export function thawCluster(directory: string): void {
  const version = cgroupVersion();
  const group = join(version === 2 ? CGROUP_ROOT : join(CGROUP_ROOT, 'freezer'), clusterGroup(directory));
  const [name, value] = version === 2 ? ['cgroup.freeze', '0'] : ['freezer.state', 'THAWED'];
  for (const machine of existsSync(group) ? childGroups(group) : []) {
    const file = join(machine, name);
    if (existsSync(file)) writeFileSync(file, value);
  }
}

/** Removes the cluster's groups, and the common parent when no other cluster has groups below it. */
export async function removeClusterCgroups(directory: string): Promise<void> {
  for (const hierarchy of allHierarchies(cgroupVersion())) {
    await removeTree(join(hierarchy, clusterGroup(directory)));
    const parent = join(hierarchy, OURS);
    if (!existsSync(parent) || childGroups(parent).some((group) => !isMark(basename(group)))) continue;
    if (cgroupVersion() === 2) restoreControllers(hierarchy, OURS);
    await removeTree(parent);
  }
}
