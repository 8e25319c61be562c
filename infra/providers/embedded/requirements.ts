import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Surveyed } from '../../toolchain/survey.ts';

const MEMORY_MIN_BYTES = 2 * 1024 ** 3;

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
    {
      name: 'cgroups',
      ok: existsSync('/sys/fs/cgroup/cgroup.controllers') || existsSync('/sys/fs/cgroup/memory/cgroup.procs'),
      found: existsSync('/sys/fs/cgroup/cgroup.controllers')
        ? 'version 2'
        : existsSync('/sys/fs/cgroup/memory')
          ? 'version 1'
          : 'none',
      remedy: 'mount the cgroup file systems at /sys/fs/cgroup',
    },
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
  ];
}
