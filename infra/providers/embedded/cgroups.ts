import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import {
  allHierarchies,
  cgroupTree,
  childGroups,
  freezer,
  hierarchies,
  isFrozen,
  pidsBelow,
  removeTree,
  SETTLED_WITHIN_MS,
  type CgroupTree,
} from './cgroup-tree.ts';
import { enableControllers, isNote, restoreControllers, switchOn } from './root-controllers.ts';

/**
 * The group of a cluster below ours. The kernel has one tree of groups for all users, and a cluster's name is unique only within
 * its folder of clusters, so the group's name has a digest of that folder.
 *
 * @param directory The cluster's, which need not exist any more; the folder around it does
 */
export function clusterGroup(directory: string, { ours }: CgroupTree = cgroupTree()): string {
  const root = hash('sha256', realpathSync(dirname(directory))).slice(0, 8);
  return join(ours, `${basename(directory)}.${root}`);
}

/** The cgroups of one machine: a subtree of its own that kubelet's pods hang below. */
export class MachineCgroup {
  readonly #tree: CgroupTree;
  readonly #path: string;
  readonly #cpuWeight: number;

  /**
   * @param directory the cluster's
   * @param cpuWeight share of the processor under contention, 1 to 100 times that of an ordinary machine
   */
  constructor(directory: string, machine: string, cpuWeight = 1, tree: CgroupTree = cgroupTree()) {
    this.#tree = tree;
    this.#path = join(clusterGroup(directory, tree), machine);
    this.#cpuWeight = cpuWeight;
  }

  /** As the kubelet wants it in `cgroupRoot`. */
  get kubeletRoot(): string {
    return `/${this.#path}`;
  }

  /**
   * Makes the groups and returns the `cgroup.procs` files that the machine's first process writes itself into.
   * @throws FiredrillError `cgroup.controllers-missing`, `cgroup.controller-refused`
   */
  create(): string[] {
    if (this.#tree.version === 2) return [this.#createUnified()];
    return hierarchies(this.#tree).map((hierarchy) => {
      const group = join(hierarchy, this.#path);
      mkdirSync(group, { recursive: true });
      if (hierarchy.endsWith('/cpuset')) inheritCpus(hierarchy, this.#path);
      if (hierarchy.endsWith('/cpu'))
        writeFileSync(join(group, 'cpu.shares'), String(1024 * this.#cpuWeight));
      return join(group, 'cgroup.procs');
    });
  }

  #createUnified(): string {
    let controllers = enableControllers(this.#tree);
    let group = this.#tree.root;
    for (const part of this.#path.split('/')) {
      group = join(group, part);
      mkdirSync(group, { recursive: true });
      controllers = switchOn(group, controllers);
    }
    if (controllers.includes('cpu')) writeFileSync(join(group, 'cpu.weight'), String(100 * this.#cpuWeight));
    // Version 2 allows processes in leaves only, so the machine's own programs get one beside the pods.
    const leaf = join(group, 'machine');
    mkdirSync(leaf, { recursive: true });
    return join(leaf, 'cgroup.procs');
  }

  /** Pids, as this machine sees them, of everything that runs on the node. */
  processes(): number[] {
    const { root, version } = this.#tree;
    return pidsBelow(join(root, version === 2 ? '' : 'freezer', this.#path));
  }

  freeze(): Promise<void> {
    return this.#setFrozen(true);
  }

  thaw(): Promise<void> {
    return this.#setFrozen(false);
  }

  isFrozen(): boolean {
    return isFrozen(this.#tree, this.#path);
  }

  async #setFrozen(frozen: boolean): Promise<void> {
    const { file, ...values } = freezer(this.#tree, this.#path);
    const value = frozen ? values.frozen : values.thawed;
    if (!frozen && !existsSync(file)) return;
    const deadlineMs = performance.now() + SETTLED_WITHIN_MS;
    do {
      // Version 1 reports FREEZING until each process has stopped, and wants to be told again for those that forked.
      writeFileSync(file, value);
      if (this.isFrozen() === frozen) return;
      await delay(5);
    } while (performance.now() < deadlineMs);
    throw new FiredrillError(
      'cgroup.freeze-timeout',
      `${file} did not become ${value} within ${SETTLED_WITHIN_MS} ms; ${this.processes().length} processes are in it`,
    );
  }

  /** Removes the groups; all processes must have ended. */
  async remove(): Promise<void> {
    for (const hierarchy of allHierarchies(this.#tree)) await removeTree(join(hierarchy, this.#path));
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

/** Paths of all groups of a cluster (or of all clusters) that exist now; empty after a clean end. */
export function cgroupsOf(directory?: string, tree: CgroupTree = cgroupTree()): string[] {
  const group = directory === undefined ? tree.ours : clusterGroup(directory, tree);
  return allHierarchies(tree)
    .map((hierarchy) => join(hierarchy, group))
    .filter((path) => existsSync(path));
}

/** Pids of everything in the cluster's groups. */
export function processesOf(directory: string, tree: CgroupTree = cgroupTree()): number[] {
  return [...new Set(cgroupsOf(directory, tree).flatMap(pidsBelow))];
}

/**
 * Lets every machine of a cluster run again whose supervisor has died while it was frozen: under version 1 a killed
 * process does not end before that.
 */
export function thawCluster(directory: string): void {
  const tree = cgroupTree();
  const group = clusterGroup(directory, tree);
  const path = join(tree.root, tree.version === 2 ? '' : 'freezer', group);
  for (const machine of existsSync(path) ? childGroups(path) : []) {
    const { file, thawed } = freezer(tree, join(group, basename(machine)));
    if (existsSync(file)) writeFileSync(file, thawed);
  }
}

/** Removes the cluster's groups, and the common parent when no other cluster has groups below it. */
export async function removeClusterCgroups(
  directory: string,
  tree: CgroupTree = cgroupTree(),
): Promise<void> {
  for (const hierarchy of allHierarchies(tree)) {
    await removeTree(join(hierarchy, clusterGroup(directory, tree)));
    const parent = join(hierarchy, tree.ours);
    if (!existsSync(parent) || childGroups(parent).some((group) => !isNote(basename(group)))) continue;
    if (tree.version === 2 && !restoreControllers(tree)) continue;
    await removeTree(parent);
  }
}
