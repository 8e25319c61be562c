import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A group of this name says which controllers of the root we have switched on. It goes with a reboot, as they do, and is seen
 * by whoever removes the last cluster, whichever state directory that one has. No cluster's name begins with a dot.
 */
const MARK = '.enabled+';

/** Whether a group below ours is no cluster but a mark. */
export function isMark(group: string): boolean {
  return group.startsWith(MARK);
}

/**
 * Switches all controllers of a version 2 hierarchy on for our groups, and remembers those that were off at its root.
 * @param root the hierarchy
 * @param ours name of our group in it
 * @returns what to write into `cgroup.subtree_control` of the groups below
 */
export function enableControllers(root: string, ours: string): string {
  const controllers = words(join(root, 'cgroup.controllers'));
  const enabled = words(join(root, 'cgroup.subtree_control'));
  const missing = controllers.filter((controller) => !enabled.includes(controller));
  // Undo before do: the mark is there before anything is switched on.
  if (missing.length > 0) mkdirSync(join(root, ours, MARK + missing.join('+')), { recursive: true });
  const enable = controllers.map((controller) => `+${controller}`).join(' ');
  writeFileSync(join(root, 'cgroup.subtree_control'), enable);
  return enable;
}

/** Switches off at the root what we had switched on; call it when no cluster is left and before our group is removed. */
export function restoreControllers(root: string, ours: string): void {
  if (!existsSync(join(root, ours))) return;
  const marked = readdirSync(join(root, ours)).filter(isMark);
  const controllers = new Set(marked.flatMap((mark) => mark.slice(MARK.length).split('+')));
  for (const controller of controllers) {
    // From the inside out: a group cannot lose what its child still has switched on.
    for (const group of [join(root, ours), root]) {
      try {
        writeFileSync(join(group, 'cgroup.subtree_control'), `-${controller}`);
      } catch (error) {
        // Somebody else has begun to use it since: it is theirs now.
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      }
    }
  }
}

function words(path: string): string[] {
  return readFileSync(path, 'utf8').trim().split(/\s+/).filter(Boolean);
}
