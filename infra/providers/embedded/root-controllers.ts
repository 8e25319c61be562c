import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FiredrillError } from '../../../harness/core/errors.ts';
import type { CgroupTree } from './cgroup-tree.ts';

/**
 * A group of this name says which controllers of the root we have switched on. It goes with a reboot, as they do, and is seen
 * by whoever removes the last cluster, whichever state directory that one has.
 */
const MARK = '.enabled+';
/** The group for processes that had to leave the root. */
const MOVED = '.moved-from-root';
/** What a kubelet wants in its group of all that the root has. */
const OF_KUBELET = ['cpu', 'cpuset', 'hugetlb', 'memory', 'pids'];

/** Whether a group below ours is no cluster but a note of our own: no cluster's name begins with a dot. */
export function isNote(group: string): boolean {
  return group.startsWith('.');
}

/** The required controllers that the root of a version 2 hierarchy does not have. */
export function missingControllers({
  root,
  required,
}: Pick<CgroupTree, 'root' | 'required'>): readonly string[] {
  const has = words(join(root, 'cgroup.controllers'));
  return required.filter((controller) => !has.includes(controller));
}

/** Whether the root is a group inside the kernel's own root, as in a container with its own cgroup namespace. */
export function isInnerRoot({ root }: Pick<CgroupTree, 'root'>): boolean {
  return existsSync(join(root, 'cgroup.type'));
}

/**
 * Switches the controllers of a version 2 hierarchy on for our groups, all of them because runc does so as well, and remembers
 * those that were off at its root.
 * @returns what `switchOn` is to switch on in the groups below
 * @throws FiredrillError `cgroup.controllers-missing`, `cgroup.controller-refused`
 */
export function enableControllers(tree: CgroupTree): readonly string[] {
  const { root, ours } = tree;
  const missing = missingControllers(tree);
  if (missing.length > 0)
    throw new FiredrillError(
      'cgroup.controllers-missing',
      `${root} has no controller ${missing.join(', ')}`,
      {
        hint: 'firedrill doctor says how to get it',
      },
    );
  const controllers = words(join(root, 'cgroup.controllers'));
  const enabled = words(join(root, 'cgroup.subtree_control'));
  const off = controllers.filter((controller) => !enabled.includes(controller));
  // Undo before do: the mark is there before anything is switched on.
  if (off.length > 0) mkdirSync(join(root, ours, MARK + off.join('+')), { recursive: true });
  if (isInnerRoot(tree)) makeRoom(tree);
  return switchOn(root, controllers);
}

/**
 * Switches controllers on for the groups below a group, one by one: a single one that the kernel refuses would take all others
 * of its write with it.
 * @returns those that are on
 * @throws FiredrillError `cgroup.controller-refused` for one that a kubelet wants
 */
export function switchOn(group: string, controllers: readonly string[]): readonly string[] {
  return controllers.filter((controller) => {
    try {
      writeFileSync(join(group, 'cgroup.subtree_control'), `+${controller}`);
      return true;
    } catch (cause) {
      if (!OF_KUBELET.includes(controller)) return false;
      throw new FiredrillError('cgroup.controller-refused', `${group} refuses the controller ${controller}`, {
        cause,
        hint: 'real-time processes may hold cpu, and processes of another container the root of this one',
      });
    }
  });
}

/** A root that is no real one may hold processes or give controllers to its groups, not both. */
function makeRoom({ root, ours }: CgroupTree): void {
  const moved = join(root, ours, MOVED);
  // A process that is just forked while its parent moves is found by the next look. 0 is one that we cannot see.
  for (;;) {
    const pids = words(join(root, 'cgroup.procs')).filter((pid) => pid !== '0');
    if (pids.length === 0) return;
    mkdirSync(moved, { recursive: true });
    for (const pid of pids) move(pid, moved);
  }
}

function move(pid: string, group: string): void {
  try {
    writeFileSync(join(group, 'cgroup.procs'), pid);
  } catch (error) {
    // It has ended since.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Switches off at the root what we had switched on, and moves back what had to leave it; call it when no cluster is left and
 * before our group is removed.
 * @returns false where our group has to stay, since somebody else's controllers keep processes from the root
 */
export function restoreControllers({ root, ours }: CgroupTree): boolean {
  if (!existsSync(join(root, ours))) return true;
  const marks = readdirSync(join(root, ours)).filter((group) => group.startsWith(MARK));
  const controllers = new Set(marks.flatMap((mark) => mark.slice(MARK.length).split('+')));
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
  const moved = join(root, ours, MOVED, 'cgroup.procs');
  const inMoved = (): readonly string[] => (existsSync(moved) ? words(moved) : []);
  const isFree = words(join(root, 'cgroup.subtree_control')).length === 0;
  for (let pids = inMoved(); pids.length > 0 && isFree; pids = inMoved())
    for (const pid of pids) move(pid, root);
  return inMoved().length === 0;
}

function words(path: string): string[] {
  return readFileSync(path, 'utf8').trim().split(/\s+/).filter(Boolean);
}
