import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Surveyed } from '../../toolchain/survey.ts';
import { CGROUP_MOUNT, REQUIRED_CONTROLLERS } from './cgroup-tree.ts';
import { isInnerRoot, missingControllers } from './root-controllers.ts';

const MEMORY_MIN_BYTES = 2 * 1024 ** 3;
/** A node was seen to take 9, the control plane 4; twice that of a usual run, and below what kernels allow by themselves. */
const INOTIFY_INSTANCES_MIN = 100;
const INOTIFY_WATCHES_MIN = 8192;
/** The API server was seen to have 163 open in a usual run, Prometheus 160. */
const OPEN_FILES_MIN = 1024;

/** All that an embedded cluster needs of the machine, besides programs that can be installed. */
export function embeddedRequirements(): Surveyed[] {
  const filesystems = existsSync('/proc/filesystems') ? readFileSync('/proc/filesystems', 'utf8') : '';
  const has = (name: string): boolean => new RegExp(`\\b${name}$`, 'm').test(filesystems);
  const namespaces = ['mnt', 'pid', 'uts', 'ipc', 'net'].filter(
    (kind) => !existsSync(`/proc/self/ns/${kind}`),
  );
  return [
    {
      name: 'Linux',
      ok: process.platform === 'linux',
      found: process.platform,
      remedy: 'run it on Linux: on a server, or in a virtual machine',
    },
    {
      name: 'root',
      ok: process.getuid?.() === 0,
      found: `uid ${process.getuid?.() ?? '?'}`,
      remedy: 'run it with sudo',
    },
    {
      name: 'x64 or arm64',
      ok: process.arch === 'x64' || process.arch === 'arm64',
      found: process.arch,
    },
    {
      name: 'namespaces',
      ok: namespaces.length === 0,
      found: namespaces.length === 0 ? 'mount, pid, uts, ipc, net' : `missing: ${namespaces.join(', ')}`,
      remedy: 'a kernel with these namespaces is needed',
    },
    surveyCgroups(),
    {
      name: 'overlay file system',
      ok: has('overlay'),
      found: has('overlay') ? 'yes' : 'no',
      remedy: 'modprobe overlay',
    },
    { name: 'ext4 file system', ok: has('ext4'), found: has('ext4') ? 'yes' : 'no', remedy: 'modprobe ext4' },
    {
      name: 'loop devices',
      ok: existsSync('/dev/loop-control'),
      found: existsSync('/dev/loop-control') ? '/dev/loop-control' : 'no /dev/loop-control',
      remedy: 'modprobe loop',
    },
    {
      name: 'memory',
      ok: totalmem() >= MEMORY_MIN_BYTES,
      found: `${(totalmem() / 1024 ** 3).toFixed(1)} GiB in all`,
      remedy: '2 GiB is the least for three nodes',
    },
    limit('inotify instances', '/proc/sys/fs/inotify/max_user_instances', INOTIFY_INSTANCES_MIN),
    limit('inotify watches', '/proc/sys/fs/inotify/max_user_watches', INOTIFY_WATCHES_MIN),
    descriptors(),
  ];
}

/**
 * Whether the control groups that are mounted at `root` are such that a kubelet runs in ours.
 * What it says of a version 2 hierarchy holds for whoever may write there.
 */
export function surveyCgroups(root = CGROUP_MOUNT): Surveyed {
  const name = 'cgroups';
  const has = (path: string): boolean => existsSync(join(root, path));
  if (has('cgroup.controllers')) {
    const missing = missingControllers({ root, required: REQUIRED_CONTROLLERS });
    const isInner = isInnerRoot({ root });
    const type = isInner ? readFileSync(join(root, 'cgroup.type'), 'utf8').trim() : 'domain';
    const delegate = 'delegate them to this group: Delegate=yes, or docker run --privileged --cgroupns=host';
    if (type !== 'domain') return { name, ok: false, found: `version 2, ${type}`, remedy: delegate };
    if (missing.length === 0) return { name, ok: true, found: 'version 2' };
    return {
      ...{ name, ok: false, found: `version 2, without ${missing.join(', ')}` },
      remedy: isInner
        ? delegate
        : 'switch them on in the kernel: cgroup_no_v1=all where version 1 has them, cgroup_enable=memory on a Raspberry Pi',
    };
  }
  const missing = ['cpu', 'memory', 'pids', 'freezer'].filter(
    (controller) => !has(`${controller}/cgroup.procs`),
  );
  if (missing.length === 0) return { name, ok: true, found: 'version 1' };
  const found = has('memory') ? `version 1, without ${missing.join(', ')}` : 'none';
  return { name, ok: false, found, remedy: `mount the cgroup file systems at ${CGROUP_MOUNT}` };
}

/** A kernel setting that has to be at least so much. */
function limit(name: string, path: string, needed: number): Surveyed {
  const amount = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  return {
    name,
    ok: amount >= needed,
    found: `${amount} allowed, ${needed} needed`,
    remedy: `sysctl ${path.replace('/proc/sys/', '').replaceAll('/', '.')}=${needed}`,
  };
}

/** How many files one process may have open: the hard limit, up to which our programs raise theirs. */
function descriptors(): Surveyed {
  const path = '/proc/self/limits';
  const limits = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const hard = /^Max open files +\S+ +(\S+)/m.exec(limits)?.[1] ?? '0';
  return {
    name: 'open files',
    ok: hard === 'unlimited' || Number(hard) >= OPEN_FILES_MIN,
    found: `${hard} allowed, ${OPEN_FILES_MIN} needed`,
    remedy: `ulimit -Hn ${OPEN_FILES_MIN}, or LimitNOFILE= of the service that starts it`,
  };
}
