import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { isOutOfSpace } from '../../harness/core/file-errors.ts';

const MIB = 1024 ** 2;
/** Control plane and supervisor, with the monitoring, healer and workload of a usual trial: seen to take 1.3 GiB with 4 nodes. */
const HUB_MEMORY_BYTES = 1024 * MIB;
/** Container runtime, kubelet, proxy and shims of one node: seen to take 130 MiB. */
const NODE_MEMORY_BYTES = 200 * MIB;
/** etcd preallocates its log; beside it logs of the control plane and the audit log. */
const HUB_DISK_BYTES = 256 * MIB;
/** What a node writes; its images are in the cache. */
const NODE_DISK_BYTES = 128 * MIB;

/** An amount that is needed somewhere, and what there is. */
export interface Headroom {
  readonly neededBytes: number;
  readonly availableBytes: number;
}

/** Memory for a cluster of so many nodes; a limit on this process's group counts like the machine's own. */
export function memoryHeadroom(nodes: number): Headroom {
  return {
    neededBytes: HUB_MEMORY_BYTES + nodes * NODE_MEMORY_BYTES,
    availableBytes: process.availableMemory(),
  };
}

/** What the disks of so many nodes need in a folder, which need not exist yet. */
export function diskHeadroom(folder: string, nodes: number): Headroom {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return {
    neededBytes: HUB_DISK_BYTES + nodes * NODE_DISK_BYTES,
    availableBytes: bavail * bsize,
  };
}

/** @throws FiredrillError `cluster.no-memory` before anything of a cluster is made that would not fit. */
export function requireMemory(nodes: number, headroom: Headroom = memoryHeadroom(nodes)): void {
  if (headroom.availableBytes >= headroom.neededBytes) return;
  throw new FiredrillError(
    'cluster.no-memory',
    `${nodes} nodes need ${gib(headroom.neededBytes)} of memory, and ${gib(headroom.availableBytes)} are available`,
    { hint: 'end other programs or clusters (firedrill status), or ask for fewer nodes' },
  );
}

/** @throws FiredrillError `cluster.no-disk-room` before anything of a cluster is made that would not fit. */
export function requireDisk(folder: string, nodes: number): void {
  const headroom = diskHeadroom(folder, nodes);
  if (headroom.availableBytes >= headroom.neededBytes) return;
  throw new FiredrillError(
    'cluster.no-disk-room',
    `the disks of ${nodes} nodes need ${gib(headroom.neededBytes)} in ${folder}, and ${gib(headroom.availableBytes)} are free there`,
    {
      hint: 'free some space (firedrill reap, firedrill toolchain clean), or set FIREDRILL_STATE_DIR to a folder on a larger disk',
    },
  );
}

/** Turns "no space" of whatever made a cluster's disks into one clear error; anything else passes through. */
export function explainNoSpace(error: unknown, folder: string): unknown {
  if (!isOutOfSpace(error)) return error;
  return new FiredrillError(
    'cluster.no-disk-room',
    `the disk ran full in ${folder}; nothing half-made was kept`,
    {
      hint: 'free some space there, or set XDG_CACHE_HOME and FIREDRILL_STATE_DIR to folders on a larger disk',
      cause: error,
    },
  );
}

export function gib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
