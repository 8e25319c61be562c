import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../process/run.ts';
import { cgroupsOf } from '../cgroups.ts';

/** What a cluster could leave behind on its host, each as sorted lines, so that two snapshots can be compared. */
export interface HostSnapshot {
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  readonly mounts: readonly string[];
  readonly loopDevices: readonly string[];
  readonly cgroups: readonly string[];
  /** What is switched on at the root of a version 2 hierarchy. */
  readonly controllers: readonly string[];
  readonly files: readonly string[];
  readonly sysctls: readonly string[];
}

const SYSCTL_FOLDERS = [
  'net/ipv4',
  'net/ipv6',
  'net/netfilter',
  'net/bridge',
  'net/core',
  'vm',
  'kernel',
  'fs',
];
/** Values that change by themselves. */
const RESTLESS =
  /random\/|ns_last_pid|dentry-state|inode-nr|inode-state|file-nr|nf_conntrack_count|printk_|aio-nr|fs\/epoll|sched_|pty\/nr|keys|cad_pid|\/neigh\/|nf_conntrack_buckets|perf_|quota\/|hung_task_detect/;

/**
 * @param marker processes count whose command line or environment names this text, e.g. the state directory
 * @param root the directory of the clusters' state
 */
export async function snapshotHost(marker: string, root: string): Promise<HostSnapshot> {
  const lines = async (command: string, args: string[]): Promise<string[]> =>
    (await run(command, args)).split('\n').filter(Boolean).sort();
  return {
    processes: ourProcesses(marker),
    namespaces: namespaces(),
    links: (await lines('ip', ['-oneline', 'link'])).map((line) => line.split(' ')[1] ?? line),
    routes: await lines('ip', ['route', 'show', 'table', 'all']),
    rules: [...(await lines('ip', ['rule'])), ...(await lines('iptables-save', []))].filter(
      (line) => !/^[#:]/.test(line),
    ),
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n').filter(Boolean).sort(),
    loopDevices: (await lines('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'])).filter(
      (line) => line.includes(marker),
    ),
    cgroups: cgroupsOf().flatMap((path) => [
      path,
      ...readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? [join(path, entry.name)] : [],
      ),
    ]),
    controllers: readOrNothing('/sys/fs/cgroup/cgroup.subtree_control').split(/\s+/).filter(Boolean),
    files: existsSync(root) ? readdirSync(root).sort() : [],
    sysctls: SYSCTL_FOLDERS.flatMap((folder) => sysctlsBelow(join('/proc/sys', folder))).sort(),
  };
}

/** What one snapshot has and the other has not: `+` came, `-` went. Empty when nothing is left behind. */
export function differences(before: HostSnapshot, after: HostSnapshot): string[] {
  return (Object.keys(before) as (keyof HostSnapshot)[]).flatMap((kind) => [
    ...after[kind].filter((line) => !before[kind].includes(line)).map((line) => `+ ${kind}: ${line}`),
    ...before[kind].filter((line) => !after[kind].includes(line)).map((line) => `- ${kind}: ${line}`),
  ]);
}

function ourPids(marker: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      const text = readOrNothing(`/proc/${pid}/environ`) + readOrNothing(`/proc/${pid}/cmdline`);
      return text.includes(marker) && readOrNothing(`/proc/${pid}/stat`).split(') ')[1]?.[0] !== 'Z';
    });
}

function ourProcesses(marker: string): string[] {
  return ourPids(marker)
    .map((pid) => readOrNothing(`/proc/${pid}/cmdline`).split('\0').slice(0, 3).join(' '))
    .sort();
}

/**
 * The namespaces of every process, whoever's: one that escaped from us names us nowhere any more. Each of our machines has two kinds;
 * other kinds come and go with other people's sandboxes.
 */
function namespaces(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const links = pids.flatMap((pid) => ['net', 'mnt'].map((kind) => linkOrNothing(`/proc/${pid}/ns/${kind}`)));
  return [...new Set(links)].filter(Boolean).sort();
}

function sysctlsBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sysctlsBelow(path);
    return RESTLESS.test(path) ? [] : [`${path}=${readOrNothing(path).trim()}`];
  });
}

/** Processes end and some settings are write-only: what cannot be read counts as empty. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOrNothing(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
