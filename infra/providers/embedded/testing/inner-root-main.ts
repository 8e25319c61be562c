/**
 * Makes a machine's groups in the version 2 hierarchy that is mounted at the first argument, for the cluster of the second, takes
 * them away, and prints what was to be seen: started in a cgroup namespace of its own, like a program in a container.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupTree } from '../cgroup-tree.ts';
import { cgroupsOf, MachineCgroup, removeClusterCgroups } from '../cgroups.ts';

export interface InnerRootLook {
  /** Controllers that the root gives to its groups, while there is a machine. */
  readonly on: readonly string[];
  readonly processesMeanwhile: number;
  readonly processesAfterwards: number;
  /** Groups of ours that are left at the end. */
  readonly left: readonly string[];
}

const [root = '', directory = ''] = process.argv.slice(2);
const tree = { ...cgroupTree(root), required: [] };
const words = (name: string): string[] =>
  readFileSync(join(root, name), 'utf8').trim().split(/\s+/).filter(Boolean);

new MachineCgroup(directory, 'node-1', 1, tree).create();
const meanwhile = { on: words('cgroup.subtree_control'), processesMeanwhile: words('cgroup.procs').length };
await removeClusterCgroups(directory, tree);
const look: InnerRootLook = {
  ...meanwhile,
  processesAfterwards: words('cgroup.procs').length,
  left: cgroupsOf(undefined, tree),
};
process.stdout.write(JSON.stringify(look));
